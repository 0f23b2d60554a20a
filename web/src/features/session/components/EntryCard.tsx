import type { ReactNode } from "react";

import styles from "./EntryCard.module.css";

interface EntryCardProps {
  readonly title: string;
  readonly below: ReactNode;
  readonly children: ReactNode;
}

/** The frame of the two pages before one is in. */
export function EntryCard({ title, below, children }: EntryCardProps) {
  return (
    <main className={styles.entry}>
      <title>{`${title} · Rondo`}</title>
      <div className={styles.brand}>
        <img src="/favicon.svg" alt="" width="44" height="44" />
        <p>Rondo keeps your tasks going round.</p>
      </div>
      <section className={`card stack ${styles.card ?? ""}`} aria-labelledby="entry-title">
        <h1 id="entry-title">{title}</h1>
        {children}
        <p className={styles.below}>{below}</p>
      </section>
    </main>
  );
}
