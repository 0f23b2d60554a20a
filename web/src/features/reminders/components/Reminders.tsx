import { useId, useRef } from "react";

import { Icon } from "../../../components/Icon.tsx";
import { Failure } from "../../../components/Notice.tsx";
import type { Reminder } from "../../../lib/api/types.ts";
import { timeWords } from "../../../lib/time/words.ts";
import { useNow } from "../../../lib/time/use-now.ts";
import { useZone } from "../../../lib/time/zone-context.ts";
import { useReminders, useRemoveReminder, type About } from "../api/reminders.ts";
import { AddReminder } from "./AddReminder.tsx";
import styles from "./Reminders.module.css";
import { stateWords, whenWords } from "./words.ts";

interface RemindersProps {
  readonly about: About;
  /** When that is due; `null` if it has no due time. */
  readonly dueAt: Date | null;
  /** Whether that is done: what is set stays, but it does not come unless it is reopened before its time. */
  readonly isDone?: boolean;
}

/** The reminders of a task or of one time of a series. What is added or removed here is so at once. */
export function Reminders({ about, dueAt, isDone = false }: RemindersProps) {
  const query = useReminders(about);
  const heading = useRef<HTMLHeadingElement>(null);
  const headingId = useId();
  const now = useNow();
  const { waiting = [], ended = [] } = query.data ?? {};
  return (
    <section className={styles.reminders} aria-labelledby={headingId}>
      <h3 ref={heading} id={headingId} tabIndex={-1}>
        Reminders
      </h3>
      {query.isPending && <p className="soft">Loading the reminders…</p>}
      {query.isError && (
        <Failure
          doing="The reminders could not be loaded."
          error={query.error}
          onRetry={() => void query.refetch()}
        />
      )}
      <ReminderList
        label={isDone ? "Reminders that do not come" : "Reminders that wait"}
        reminders={waiting}
        now={now}
        isDone={isDone}
        onRemoved={() => heading.current?.focus()}
      />
      {isDone ? (
        <p className={`soft ${styles.hint ?? ""}`}>
          {waiting.length === 0
            ? "It is done, so there is nothing to remind of. Reopen it to set a reminder."
            : "It is done, so none of these comes. Reopen it, and those whose time is not past come after all."}
        </p>
      ) : (
        <AddReminder about={about} dueAt={dueAt} waiting={waiting} now={now} />
      )}
      {ended.length > 0 && (
        <details className={styles.ended}>
          <summary>What came of others ({ended.length})</summary>
          <ReminderList label="What came of others" reminders={ended} now={now} />
        </details>
      )}
    </section>
  );
}

interface ReminderListProps {
  readonly label: string;
  readonly reminders: readonly Reminder[];
  readonly now: Date;
  readonly isDone?: boolean;
  readonly onRemoved?: () => void;
}

function ReminderList({ label, reminders, ...line }: ReminderListProps) {
  if (reminders.length === 0) return null;
  return (
    <ul className={styles.list} aria-label={label}>
      {reminders.map((reminder) => (
        <ReminderLine key={reminder.id} reminder={reminder} {...line} />
      ))}
    </ul>
  );
}

interface ReminderLineProps extends Omit<ReminderListProps, "label" | "reminders"> {
  readonly reminder: Reminder;
}

function ReminderLine({ reminder, now, isDone = false, onRemoved }: ReminderLineProps) {
  const zone = useZone();
  const remove = useRemoveReminder();
  const { time, why } = whenWords(reminder, now, zone);
  const exactly = `${timeWords(new Date(reminder.scheduled_for), zone)}, ${zone}`;
  return (
    <li data-status={isDone ? "idle" : reminder.status}>
      <div className={styles.line}>
        <Icon name="bell" />
        <div className={styles.when}>
          <time dateTime={reminder.scheduled_for} title={exactly}>
            {time}
          </time>
          {why !== null && <span className="soft"> · {why}</span>}
          <p className={styles.state}>{stateWords(reminder, now, zone, isDone)}</p>
        </div>
        {reminder.status === "pending" && (
          <button
            type="button"
            className="button quiet square"
            aria-label={`Remove the reminder of ${time}`}
            title="Remove"
            disabled={remove.isPending}
            onClick={() => remove.mutate(reminder.id, { onSuccess: () => onRemoved?.() })}
          >
            <Icon name="trash" />
          </button>
        )}
      </div>
      {remove.isError && <Failure doing="The reminder stays." error={remove.error} />}
    </li>
  );
}
