import { useCallback, useEffect, useId, useRef, useState } from "react";

/** What a button shows and hides. Escape, a click elsewhere or leaving it with Tab hides it. */
export function usePopover() {
  const [isOpen, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const panelId = useId();

  useEffect(() => {
    if (!isOpen) return;
    const closeIfOutside = (event: Event) => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) setOpen(false);
    };
    const closeOnEscape = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      setOpen(false);
      button.current?.focus();
    };
    document.addEventListener("pointerdown", closeIfOutside);
    document.addEventListener("focusin", closeIfOutside);
    document.addEventListener("keydown", closeOnEscape);
    return () => {
      document.removeEventListener("pointerdown", closeIfOutside);
      document.removeEventListener("focusin", closeIfOutside);
      document.removeEventListener("keydown", closeOnEscape);
    };
  }, [isOpen]);

  const open = useCallback(() => setOpen(true), []);
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  return {
    isOpen,
    panelId,
    open,
    /** Hides it; the focus goes back to the button. */
    close,
    /** For the element around button and panel. */
    root,
    /** For the button. */
    button: {
      ref: button,
      "aria-expanded": isOpen,
      "aria-controls": panelId,
      onClick: () => setOpen(!isOpen),
    },
  };
}
