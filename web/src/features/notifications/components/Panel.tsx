import { useEffect, useId, useRef } from "react";

import { Icon } from "../../../components/Icon.tsx";
import { LoadMore } from "../../../components/LoadMore.tsx";
import { Failure } from "../../../components/Notice.tsx";
import { useNow } from "../../../lib/time/use-now.ts";
import { useMarkAllRead, useNotifications } from "../api/notifications.ts";
import styles from "./Panel.module.css";
import { PanelItem } from "./PanelItem.tsx";

/** The notifications, the newest first. It takes the focus when it is shown. */
export function Panel({ onClose }: { readonly onClose: () => void }) {
  const query = useNotifications();
  const markAllRead = useMarkAllRead();
  const panel = useRef<HTMLElement>(null);
  const titleId = useId();
  const now = useNow();
  useEffect(() => panel.current?.focus(), []);
  // A button that is gone when it has done its work leaves the focus nowhere.
  useEffect(() => {
    if (document.activeElement === document.body) panel.current?.focus();
  });
  return (
    <section
      ref={panel}
      className={styles.panel}
      role="dialog"
      aria-labelledby={titleId}
      tabIndex={-1}
    >
      <div className={styles.head}>
        <h2 id={titleId}>Notifications</h2>
        <button
          type="button"
          className="button quiet"
          disabled={markAllRead.isPending || !query.data?.unread}
          onClick={() => markAllRead.mutate()}
        >
          Mark all read
        </button>
        <button type="button" className="button quiet square" aria-label="Close" onClick={onClose}>
          <Icon name="close" />
        </button>
      </div>
      {markAllRead.isError && <Failure doing="They are still unread." error={markAllRead.error} />}
      {query.isError && (
        <Failure
          doing={query.data ? "The list may be old." : "The notifications could not be loaded."}
          error={query.error}
          onRetry={() => void query.refetch()}
        />
      )}
      {query.isPending && (
        <p className="soft" role="status">
          Loading the notifications…
        </p>
      )}
      {query.data?.notifications.length === 0 && (
        <p className={styles.empty}>Nothing yet. When a reminder falls due, it is told here.</p>
      )}
      <ul className={styles.list} aria-labelledby={titleId}>
        {query.data?.notifications.map((notification) => (
          <PanelItem key={notification.id} notification={notification} now={now} onOpen={onClose} />
        ))}
      </ul>
      <LoadMore query={query} label="Earlier ones" />
    </section>
  );
}
