import { useId, useState, type SubmitEvent } from "react";

import { DateField, TimeField } from "../../../components/CivilFields.tsx";
import { Icon } from "../../../components/Icon.tsx";
import { Failure } from "../../../components/Notice.tsx";
import { useErrorInSight } from "../../../components/use-error-in-sight.ts";
import { ApiError } from "../../../lib/api/problem.ts";
import type { Reminder } from "../../../lib/api/types.ts";
import { usualReminderMinutes } from "../../../lib/reminder-minutes.ts";
import { beforeWords } from "../../../lib/time/words.ts";
import { civilTime, instantOf } from "../../../lib/time/zone.ts";
import { useZone } from "../../../lib/time/zone-context.ts";
import { useAddReminder, type About } from "../api/reminders.ts";
import styles from "./Reminders.module.css";

const minuteMs = 60_000;

interface AddReminderProps {
  readonly about: About;
  readonly dueAt: Date | null;
  /** Those that are there already. */
  readonly waiting: readonly Reminder[];
  readonly now: Date;
}

/** One click for what is usual, and a form for a time of one's own. */
export function AddReminder({ about, dueAt, waiting, now }: AddReminderProps) {
  const [isOwn, setOwn] = useState(false);
  const add = useAddReminder(about);
  const canAdd = (minutes: number) =>
    dueAt !== null &&
    dueAt.getTime() - minutes * minuteMs > now.getTime() &&
    !waiting.some((one) => one.minutes_before === minutes);
  return (
    <>
      <div className={styles.presets} role="group" aria-label="Remind me">
        {dueAt !== null &&
          usualReminderMinutes.map((minutes) => (
            <button
              key={minutes}
              type="button"
              className="button"
              disabled={add.isPending || !canAdd(minutes)}
              onClick={() => add.mutate({ minutes_before: minutes })}
            >
              {beforeWords(minutes)}
            </button>
          ))}
        <button
          type="button"
          className="button"
          aria-expanded={isOwn}
          onClick={() => setOwn(!isOwn)}
        >
          At another time…
        </button>
      </div>
      {dueAt === null && (
        <p className={`soft ${styles.hint ?? ""}`}>
          Once it is saved with a due time, reminders can come before that, too.
        </p>
      )}
      {add.isError && <Failure doing="No reminder was set." error={add.error} />}
      {isOwn && <OwnTime about={about} now={now} onAdded={() => setOwn(false)} />}
    </>
  );
}

interface OwnTimeProps {
  readonly about: About;
  readonly now: Date;
  readonly onAdded: () => void;
}

function OwnTime({ about, now, onAdded }: OwnTimeProps) {
  const zone = useZone();
  const add = useAddReminder(about);
  const [civil, setCivil] = useState(() => nextHour(now, zone));
  const form = useErrorInSight(add.error);
  const id = useId();
  const error = add.error instanceof ApiError ? add.error.field("scheduled_for") : undefined;
  const errorId = error === undefined ? undefined : `${id}-error`;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const at = instantOf(civil, zone);
    if (at !== null) add.mutate({ scheduled_for: at.toISOString() }, { onSuccess: onAdded });
  };
  return (
    <form ref={form} className={styles.own} onSubmit={submit} onChange={add.reset}>
      <DateField
        label="Remind me on"
        errorAt={errorId}
        required
        max="9998-12-31"
        value={civil.date}
        onChange={(date) => setCivil({ ...civil, date })}
      />
      <TimeField
        label="At this time"
        errorAt={errorId}
        required
        title={`In ${zone}`}
        value={civil.time}
        onChange={(time) => setCivil({ ...civil, time })}
      />
      {error !== undefined && (
        <p id={errorId} className={styles.error} role="alert">
          The reminder {error}.
        </p>
      )}
      <button type="submit" className="button primary" disabled={add.isPending}>
        <Icon name="plus" />
        {add.isPending ? "Setting…" : "Set the reminder"}
      </button>
      {add.isError && error === undefined && (
        <Failure doing="No reminder was set." error={add.error} />
      )}
    </form>
  );
}

function nextHour(now: Date, zone: string) {
  const { date, time } = civilTime(new Date(now.getTime() + 60 * minuteMs), zone);
  return { date, time: `${time.slice(0, 2)}:00` };
}
