import { useEffect, useRef } from "react";

import { Notice } from "./Notice.tsx";
import styles from "./Unsaved.module.css";

interface UnsavedProps {
  readonly onKeep: () => void;
  readonly onDiscard: () => void;
}

/** Asks whoever is about to leave what is not saved; Enter is to keep it. */
export function Unsaved({ onKeep, onDiscard }: UnsavedProps) {
  const keep = useRef<HTMLButtonElement>(null);
  useEffect(() => keep.current?.focus(), []);
  const actions = (
    <div className="actions">
      <button ref={keep} type="button" className="button" onClick={onKeep}>
        Keep editing
      </button>
      <button type="button" className="button danger" onClick={onDiscard}>
        Discard
      </button>
    </div>
  );
  return (
    <div className={styles.unsaved}>
      <Notice kind="bad" action={actions}>
        What you wrote is not saved.
      </Notice>
    </div>
  );
}
