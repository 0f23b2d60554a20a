import type { ReactNode } from "react";

import styles from "./Empty.module.css";
import { Icon, type IconName } from "./Icon.tsx";

interface EmptyProps {
  readonly icon: IconName;
  readonly title: string;
  readonly text: string;
  /** What can be done about it. */
  readonly children?: ReactNode;
}

/** What stands where a list would be. */
export function Empty({ icon, title, text, children }: EmptyProps) {
  return (
    <div className={`card ${styles.empty ?? ""}`}>
      <span className={styles.picture}>
        <Icon name={icon} />
      </span>
      <h2>{title}</h2>
      <p>{text}</p>
      {children}
    </div>
  );
}
