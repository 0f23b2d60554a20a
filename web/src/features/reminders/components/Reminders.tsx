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
}

/** The reminders of a task or of one time of a series. What is added or removed here is so at once. */
export function Reminders({ about, dueAt }: RemindersProps) {
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
        label="Reminders that wait"
        reminders={waiting}
        now={now}
        onRemoved={() => heading.current?.focus()}
      />
      <AddReminder about={about} dueAt={dueAt} waiting={waiting} now={now} />
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
  readonly onRemoved?: () => void;
}

function ReminderList({ label, reminders, now, onRemoved }: ReminderListProps) {
  if (reminders.length === 0) return null;
  return (
    <ul className={styles.list} aria-label={label}>
      {reminders.map((reminder) => (
        <ReminderLine key={reminder.id} reminder={reminder} now={now} onRemoved={onRemoved} />
      ))}
    </ul>
  );
}

interface ReminderLineProps {
  readonly reminder: Reminder;
  readonly now: Date;
  readonly onRemoved: (() => void) | undefined;
}

function ReminderLine({ reminder, now, onRemoved }: ReminderLineProps) {
  const zone = useZone();
  const remove = useRemoveReminder();
  const { time, why } = whenWords(reminder, now, zone);
  const exactly = `${timeWords(new Date(reminder.scheduled_for), zone)}, ${zone}`;
  return (
    <li data-status={reminder.status}>
      <div className={styles.line}>
        <Icon name="bell" />
        <div className={styles.when}>
          <time dateTime={reminder.scheduled_for} title={exactly}>
            {time}
          </time>
          {why !== null && <span className="soft"> · {why}</span>}
          <p className={styles.state}>{stateWords(reminder, now, zone)}</p>
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
