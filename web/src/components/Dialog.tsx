import { useEffect, useId, useLayoutEffect, useRef, type ReactNode } from "react";

import styles from "./Dialog.module.css";
import { Icon } from "./Icon.tsx";
import { putOnTop, takeAway } from "./modals.ts";
import { Unsaved } from "./Unsaved.tsx";
import { useLeaving } from "./use-leaving.ts";

interface DialogProps {
  readonly title: string;
  /** Whether something is written in it that would be lost. */
  readonly isUnsaved?: boolean;
  /** Whether that is on its way. */
  readonly isSaving?: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/**
 * A modal dialog while mounted. Escape and the cross close it, or ask first whether what is written there may be lost; the focus
 * goes back to where it was.
 */
export function Dialog({
  title,
  isUnsaved = false,
  isSaving = false,
  onClose,
  children,
}: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const { isAsked, leave, writeOn, keep } = useLeaving({ isUnsaved, isSaving, onLeave: onClose });
  useEffect(() => {
    const element = dialog.current;
    const before = document.activeElement;
    element?.showModal();
    if (element !== null) putOnTop(element);
    return () => {
      element?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  useLayoutEffect(() => {
    const element = dialog.current;
    // At once: nothing may be put into what is no longer in the page.
    return () => {
      if (element !== null) takeAway(element);
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      className={styles.dialog}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        leave();
      }}
      onInput={writeOn}
      // Browsers close it themselves when Escape is pressed twice with nothing in between.
      onClose={() => {
        if (dialog.current?.open === false) onClose();
      }}
    >
      <header className={styles.head}>
        <h2 id={titleId}>{title}</h2>
        <button type="button" className="button quiet square" aria-label="Close" onClick={leave}>
          <Icon name="close" />
        </button>
      </header>
      {children}
      {isAsked && <Unsaved onKeep={keep} onDiscard={onClose} />}
    </dialog>
  );
}
