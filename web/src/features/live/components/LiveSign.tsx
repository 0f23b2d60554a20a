import type { LiveStatus } from "../api/stream.ts";
import styles from "./LiveSign.module.css";

const words: Record<LiveStatus, { readonly label: string; readonly hint: string }> = {
  connecting: { label: "Connecting", hint: "Asking for live changes" },
  live: { label: "Live", hint: "Changes made elsewhere show at once" },
  reconnecting: {
    label: "Reconnecting",
    hint: "Changes made elsewhere show when the connection is back",
  },
  paused: { label: "Paused", hint: "This tab catches up when you look at it" },
};

/** Says whether the list keeps itself up to date. */
export function LiveSign({ status }: { readonly status: LiveStatus }) {
  const { label, hint } = words[status];
  return (
    <span className={styles.sign} data-status={status} role="status" title={hint}>
      <span className={styles.dot} aria-hidden="true" />
      {label}
    </span>
  );
}
