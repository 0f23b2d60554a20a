import type { ReactNode } from "react";

import { messageOf } from "../lib/api/problem.ts";
import { Icon } from "./Icon.tsx";
import styles from "./Notice.module.css";

interface NoticeProps {
  readonly kind: "bad" | "info" | "good";
  readonly children: ReactNode;
  readonly action?: ReactNode;
}

/** A message in the flow of the page; one that tells of a failure is read out at once. */
export function Notice({ kind, children, action }: NoticeProps) {
  return (
    <div className={styles.notice} data-kind={kind} role={kind === "bad" ? "alert" : "status"}>
      {kind === "bad" && <Icon name="warn" />}
      <div className={styles.text}>{children}</div>
      {action}
    </div>
  );
}

interface FailureProps {
  readonly error: unknown;
  readonly doing: string;
  readonly onRetry?: (() => void) | undefined;
}

/** Says what could not be done, why, and offers to try again. */
export function Failure({ error, doing, onRetry }: FailureProps) {
  const retry = onRetry && (
    <button type="button" className="button" onClick={onRetry}>
      Try again
    </button>
  );
  return (
    <Notice kind="bad" action={retry}>
      <strong>{doing}</strong> {messageOf(error)}
    </Notice>
  );
}
