import { useEffect, useLayoutEffect, useRef } from "react";

import { Icon } from "./Icon.tsx";
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

/** Where toasts appear, over all else; they are read out without taking the focus. */
export function Toasts() {
  const { shown, more, showAll } = useToasts();
  const shelf = useRef<HTMLDivElement>(null);
  // What is shown last is on top: a toast comes over a dialog that was opened before it.
  useLayoutEffect(() => {
    const element = shelf.current;
    element?.showPopover();
    return () => element?.hidePopover();
  }, [shown]);
  useEffect(() => holdToastsWhile(() => isAttended(shelf.current)), []);
  // What was said to one person is not shown to the next.
  useEffect(() => clearToasts, []);
  return (
    <div ref={shelf} popover="manual" className={styles.toasts} role="status" aria-label="Messages">
      {shown.map((toast) => (
        <ToastCard key={toast.id} toast={toast} />
      ))}
      {showAll !== null && (
        <button
          type="button"
          className={`${styles.toast ?? ""} ${styles.more ?? ""}`}
          onClick={() => {
            dismissKept();
            showAll();
          }}
        >
          {`and ${more} more`}
        </button>
      )}
    </div>
  );
}

/** Whether somebody points at it, or is in it with the keyboard. */
function isAttended(element: HTMLElement | null): boolean {
  return (
    element !== null && (element.matches(":hover") || element.contains(document.activeElement))
  );
}

function ToastCard({ toast }: { readonly toast: Toast }) {
  const { action } = toast;
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
