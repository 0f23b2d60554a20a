import { Link } from "../../../components/Link.tsx";
import type { Notification } from "../../../lib/api/types.ts";
import { placeOf } from "../../../lib/place.ts";
import { dueWords, timeWords } from "../../../lib/time/words.ts";
import { useZone } from "../../../lib/time/zone-context.ts";
import { useMarkRead } from "../api/notifications.ts";
import { Actions } from "./Actions.tsx";
import { Deliveries } from "./Deliveries.tsx";
import styles from "./PanelItem.module.css";

interface PanelItemProps {
  readonly notification: Notification;
  readonly now: Date;
  readonly onOpen: () => void;
}

/** One notification. Opening it marks it as read and goes to what it is about. */
export function PanelItem({ notification, now, onOpen }: PanelItemProps) {
  const zone = useZone();
  const at = new Date(notification.created_at);
  return (
    <li className={styles.item} data-status={notification.status}>
      <div className={styles.head}>
        <Title notification={notification} onOpen={onOpen} />
        <time
          className={styles.time}
          dateTime={notification.created_at}
          title={`${timeWords(at, zone)}, ${zone}`}
        >
          {dueWords(at, now, zone)}
        </time>
      </div>
      {(notification.body !== "" || notification.is_late) && (
        <p className={styles.body}>
          {notification.is_late && (
            <span className={styles.late} title="It could not be told at its time">
              Late
            </span>
          )}
          {notification.body}
        </p>
      )}
      <Deliveries deliveries={notification.deliveries} />
      <Actions notification={notification} />
    </li>
  );
}

interface TitleProps {
  readonly notification: Notification;
  readonly onOpen: () => void;
}

function Title({ notification, onOpen }: TitleProps) {
  const markRead = useMarkRead();
  const place = placeOf(notification);
  const isUnread = notification.status === "unread";
  const words = (
    <>
      {isUnread && <span className="unseen">Unread: </span>}
      {notification.title}
    </>
  );
  if (place === null) return <strong className={styles.title}>{words}</strong>;
  return (
    <Link
      to={place}
      className={styles.title}
      onFollow={() => {
        if (isUnread) markRead.mutate(notification);
        onOpen();
      }}
    >
      {words}
    </Link>
  );
}
