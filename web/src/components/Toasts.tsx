import { useEffect, useLayoutEffect, useRef } from "react";
import { createPortal } from "react-dom";

import { Icon } from "./Icon.tsx";
import { useTopModal } from "./modals.ts";
import {
  clearToasts,
  dismissKept,
  dismissToast,
  holdToastsWhile,
  useToasts,
  type Toast,
} from "./toasts.ts";
import styles from "./Toasts.module.css";

const icons = { good: "check", bad: "warn", news: "bell" } as const;

/**
 * Where toasts appear, over all else; they are read out without taking the focus. They stand in the dialog on top if there is
 * one: beside it they could be seen, but neither heard nor clicked.
 */
export function Toasts() {
  const { shown, more, showAll } = useToasts();
  const modal = useTopModal();
  const shelf = useRef<HTMLDivElement>(null);
  // What is shown last is on top: a toast comes over a dialog that was opened before it.
  useLayoutEffect(() => {
    const element = shelf.current;
    element?.showPopover();
    return () => element?.hidePopover();
  }, [shown, modal]);
  useEffect(() => holdToastsWhile(() => isAttended(shelf.current)), []);
  // What was said to one person is not shown to the next.
  useEffect(() => clearToasts, []);
  return createPortal(
    <div ref={shelf} popover="manual" className={styles.toasts} role="status" aria-label="Messages">
      {shown.map((toast) => (
        <ToastCard key={toast.id} toast={toast} mayLeadAway={modal === null} />
      ))}
      {showAll !== null && <More count={more} onShowAll={modal === null ? showAll : null} />}
    </div>,
    modal ?? document.body,
  );
}

/** Whether somebody points at it, or is in it with the keyboard. */
function isAttended(element: HTMLElement | null): boolean {
  return (
    element !== null && (element.matches(":hover") || element.contains(document.activeElement))
  );
}

interface MoreProps {
  readonly count: number;
  /** `null` where one can't be led away. */
  readonly onShowAll: (() => void) | null;
}

/** How many more there are, which leads to all of them. */
function More({ count, onShowAll }: MoreProps) {
  const text = `and ${count} more`;
  if (onShowAll === null) return <p className={styles.toast}>{text}</p>;
  return (
    <button
      type="button"
      className={`${styles.toast ?? ""} ${styles.more ?? ""}`}
      onClick={() => {
        dismissKept();
        onShowAll();
      }}
    >
      {text}
    </button>
  );
}

interface ToastCardProps {
  readonly toast: Toast;
  readonly mayLeadAway: boolean;
}

function ToastCard({ toast, mayLeadAway }: ToastCardProps) {
  const action = mayLeadAway || !toast.action?.leadsAway ? toast.action : undefined;
  return (
    <div className={styles.toast} data-kind={toast.kind}>
      <Icon name={icons[toast.kind]} />
      <span className={styles.text}>{toast.text}</span>
      {action && (
        <button
          type="button"
          className={styles.action}
          onClick={() => {
            dismissToast(toast.id);
            action.run();
          }}
        >
          {action.label}
        </button>
      )}
      <button
        type="button"
        className={styles.action}
        aria-label="Dismiss"
        onClick={() => dismissToast(toast.id)}
      >
        <Icon name="close" />
      </button>
    </div>
  );
}
