import { useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode } from "react";

import { Icon, type IconName } from "./Icon.tsx";
import styles from "./Menu.module.css";

interface MenuProps {
  readonly label: string;
  readonly icon: IconName;
  /** Buttons and links; choosing one closes the menu. */
  readonly children: ReactNode;
}

/** A button that shows a few more buttons. Escape, a click elsewhere or leaving it with Tab closes it. */
export function Menu({ label, icon, children }: MenuProps) {
  const [isOpen, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const toggle = useRef<HTMLButtonElement>(null);
  const panelId = useId();

  useEffect(() => {
    if (!isOpen) return;
    const closeIfOutside = (event: Event) => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) setOpen(false);
    };
    document.addEventListener("pointerdown", closeIfOutside);
    document.addEventListener("focusin", closeIfOutside);
    return () => {
      document.removeEventListener("pointerdown", closeIfOutside);
      document.removeEventListener("focusin", closeIfOutside);
    };
  }, [isOpen]);

  const closeAndReturn = () => {
    setOpen(false);
    toggle.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape" && isOpen) closeAndReturn();
  };
  return (
    // The keys and clicks of the buttons inside come here; the element itself is nothing to act on.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div ref={root} className={styles.menu} onKeyDown={onKeyDown}>
      <button
        ref={toggle}
        type="button"
        className="button quiet square"
        aria-label={label}
        aria-expanded={isOpen}
        aria-controls={panelId}
        title={label}
        onClick={() => setOpen(!isOpen)}
      >
        <Icon name={icon} />
      </button>
      <div
        id={panelId}
        className={styles.panel}
        hidden={!isOpen}
        role="group"
        aria-label={label}
        onClickCapture={closeAndReturn}
      >
        {children}
      </div>
    </div>
  );
}
