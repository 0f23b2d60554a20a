import type { ReactNode } from "react";

import { Icon, type IconName } from "./Icon.tsx";
import styles from "./Menu.module.css";
import { usePopover } from "./use-popover.ts";

interface MenuProps {
  readonly label: string;
  readonly icon: IconName;
  /** Buttons and links; choosing one closes the menu. */
  readonly children: ReactNode;
}

/** A button that shows a few more buttons. */
export function Menu({ label, icon, children }: MenuProps) {
  const { isOpen, panelId, close, root, button } = usePopover();
  return (
    <div ref={root} className={styles.menu}>
      <button
        {...button}
        type="button"
        className="button quiet square"
        aria-label={label}
        title={label}
      >
        <Icon name={icon} />
      </button>
      <div
        id={panelId}
        className={styles.panel}
        hidden={!isOpen}
        role="group"
        aria-label={label}
        onClickCapture={close}
      >
        {children}
      </div>
    </div>
  );
}
