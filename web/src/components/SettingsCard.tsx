import { useId, type ReactNode } from "react";

import styles from "./SettingsCard.module.css";

interface SettingsCardProps {
  readonly title: string;
  readonly intro?: string;
  readonly children: ReactNode;
}

export function SettingsCard({ title, intro, children }: SettingsCardProps) {
  const id = useId();
  return (
    <section className={`card stack ${styles.card ?? ""}`} aria-labelledby={id}>
      <div>
        <h2 id={id}>{title}</h2>
        {intro !== undefined && <p className="soft">{intro}</p>}
      </div>
      {children}
    </section>
  );
}
