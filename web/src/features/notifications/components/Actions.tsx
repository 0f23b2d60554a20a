import { useState } from "react";

import { Icon } from "../../../components/Icon.tsx";
import { Failure } from "../../../components/Notice.tsx";
import type { Notification } from "../../../lib/api/types.ts";
import { snoozes, useCompleteFrom, useSnooze, type Snooze } from "../api/act.ts";
import { useMarkRead } from "../api/notifications.ts";
import styles from "./PanelItem.module.css";

const snoozeNames: Record<Snooze, string> = {
  "ten-minutes": "10 minutes",
  hour: "1 hour",
  tomorrow: "Tomorrow 09:00",
};

const outcomes = { completed: "Done", skipped: "Skipped", missed: "Missed" } as const;

/** What can be done with a notification without going anywhere. */
export function Actions({ notification }: { readonly notification: Notification }) {
  const [isSnoozing, setSnoozing] = useState(false);
  const { title, reminder_id: reminderId } = notification;
  const complete = useCompleteFrom();
  const markRead = useMarkRead();
  const outcome = complete.isSuccess ? "completed" : notification.outcome;
  const taskId = outcome === null ? notification.task_id : null;
  return (
    <>
      {outcome !== null && <p className={styles.outcome}>{outcomes[outcome]}</p>}
      <div className={styles.actions}>
        {taskId !== null && !isAboutTimeToCome(notification) && (
          <button
            type="button"
            className="button"
            aria-label={`Complete task ${title}`}
            disabled={complete.isPending}
            onClick={() => complete.mutate({ notification, taskId })}
          >
            <Icon name="check" />
            {complete.isPending ? "Saving…" : "Complete task"}
          </button>
        )}
        {reminderId !== null && taskId !== null && (
          <button
            type="button"
            className="button quiet"
            aria-label={`Snooze ${title}`}
            aria-expanded={isSnoozing}
            onClick={() => setSnoozing(!isSnoozing)}
          >
            <Icon name="clock" />
            Snooze
          </button>
        )}
        {notification.status === "unread" && (
          <button
            type="button"
            className="button quiet"
            aria-label={`Mark ${title} as read`}
            title="Mark as read"
            onClick={() => markRead.mutate(notification)}
          >
            <Icon name="read" />
          </button>
        )}
      </div>
      {isSnoozing && reminderId !== null && (
        <SnoozeChoices
          notification={notification}
          reminderId={reminderId}
          onSnoozed={() => setSnoozing(false)}
        />
      )}
      {complete.isError && <Failure doing="It is not completed." error={complete.error} />}
      {markRead.isError && <Failure doing="It is still unread." error={markRead.error} />}
    </>
  );
}

/** Whether it is about a time of a series that has not been made yet: there is nothing to complete before it is. */
function isAboutTimeToCome({ series_id, task_instance_id }: Notification): boolean {
  return series_id !== null && task_instance_id === null;
}

interface SnoozeChoicesProps {
  readonly notification: Notification;
  readonly reminderId: string;
  readonly onSnoozed: () => void;
}

function SnoozeChoices({ notification, reminderId, onSnoozed }: SnoozeChoicesProps) {
  const sleep = useSnooze();
  return (
    <>
      <div className={styles.actions} role="group" aria-label={`Snooze ${notification.title} for`}>
        {snoozes.map((snooze) => (
          <button
            key={snooze}
            type="button"
            className="button"
            disabled={sleep.isPending}
            onClick={() =>
              sleep.mutate({ notification, reminderId, snooze }, { onSuccess: onSnoozed })
            }
          >
            {snoozeNames[snooze]}
          </button>
        ))}
      </div>
      {sleep.isError && <Failure doing="It does not come again." error={sleep.error} />}
    </>
  );
}
