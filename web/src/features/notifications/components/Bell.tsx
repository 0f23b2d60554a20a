import { useEffect } from "react";

import { Icon } from "../../../components/Icon.tsx";
import { usePopover } from "../../../components/use-popover.ts";
import { useUnread } from "../api/notifications.ts";
import { onShowPanel } from "../api/panel.ts";
import styles from "./Bell.module.css";
import { Panel } from "./Panel.tsx";

/** How many notifications are unread, and the way to them. */
export function Bell() {
  const unread = useUnread();
  const { isOpen, panelId, open, close, root, button } = usePopover();
  useEffect(() => onShowPanel(open), [open]);
  const label = unread === 0 ? "Notifications" : `Notifications, ${unread} unread`;
  return (
    <div ref={root} className={styles.bell}>
      <button
        {...button}
        type="button"
        className={`button quiet square ${styles.button ?? ""}`}
        aria-label={label}
        title={label}
      >
        <Icon name="bell" />
        {unread > 0 && (
          <span className={styles.count} aria-hidden="true">
            {unread > 99 ? "99+" : unread}
          </span>
        )}
      </button>
      <div id={panelId} hidden={!isOpen}>
        {isOpen && <Panel onClose={close} />}
      </div>
    </div>
  );
}
