import { useId, useState } from "react";

import { Icon } from "../../../components/Icon.tsx";
import type { RecurringTask } from "../../../lib/api/types.ts";
import { beforeWords, dueWords, timeWords, weekdayWords } from "../../../lib/time/words.ts";
import { useZone } from "../../../lib/time/zone-context.ts";
import { useSetPaused } from "../api/series.ts";
import { Instances, type RemindersOf } from "./Instances.tsx";
import { seriesStatusNames } from "./names.ts";
import styles from "./SeriesCard.module.css";

interface SeriesCardProps {
  readonly series: RecurringTask;
  readonly now: Date;
  readonly onEdit: () => void;
  readonly onCancel: () => void;
  readonly remindersOf: RemindersOf;
}

export function SeriesCard({ series, now, remindersOf, onEdit, onCancel }: SeriesCardProps) {
  const [isOpen, setOpen] = useState(false);
  const timesId = useId();
  const { title } = series.task;
  const hasEnded = series.status === "completed" || series.status === "cancelled";
  return (
    <li className={`card ${styles.card ?? ""}`} data-status={series.status}>
      <div className={styles.head}>
        <h2>{title}</h2>
        <span className={styles.status}>{seriesStatusNames[series.status]}</span>
      </div>
      <p>{series.summary}</p>
      <Facts series={series} now={now} />
      <div className={styles.actions}>
        <button
          type="button"
          className="button quiet"
          aria-expanded={isOpen}
          aria-controls={timesId}
          aria-label={`Times of ${title}`}
          onClick={() => setOpen(!isOpen)}
        >
          <Icon name="list" />
          Times
        </button>
        {!hasEnded && (
          <>
            <PauseButton series={series} />
            <button
              type="button"
              className="button quiet"
              aria-label={`Edit ${title}`}
              onClick={onEdit}
            >
              <Icon name="edit" />
              Edit
            </button>
            <button
              type="button"
              className="button quiet"
              aria-label={`End ${title}`}
              onClick={onCancel}
            >
              <Icon name="close" />
              End
            </button>
          </>
        )}
      </div>
      <div id={timesId}>
        {isOpen && (
          <Instances taskId={series.task_id} title={title} now={now} remindersOf={remindersOf} />
        )}
      </div>
    </li>
  );
}

function PauseButton({ series }: { readonly series: RecurringTask }) {
  const setPaused = useSetPaused();
  const isPaused = series.status === "paused";
  const verb = isPaused ? "Resume" : "Pause";
  return (
    <button
      type="button"
      className="button quiet"
      aria-label={`${verb} ${series.task.title}`}
      disabled={setPaused.isPending}
      onClick={() => setPaused.mutate({ series, paused: !isPaused })}
    >
      <Icon name={isPaused ? "play" : "pause"} />
      {setPaused.isPending ? "Saving…" : verb}
    </button>
  );
}

function Facts({ series, now }: { readonly series: RecurringTask; readonly now: Date }) {
  const { task, timezone_iana: zone, total_occurrences_executed: made } = series;
  return (
    <ul className={styles.facts} aria-label="Facts">
      {series.next_occurrence_at !== null && series.status !== "paused" && (
        <Next at={new Date(series.next_occurrence_at)} zone={zone} now={now} />
      )}
      <li>{zone}</li>
      {series.reminder_minutes_before !== null && (
        <li>
          <Icon name="bell" />
          {beforeWords(series.reminder_minutes_before)}
        </li>
      )}
      <li data-priority={task.priority}>
        <Icon name="flag" />
        {task.priority}
      </li>
      {made > 0 && <li>{made === 1 ? "Once so far" : `${made.toLocaleString("en")} so far`}</li>}
      {task.tags.map((tag) => (
        <li key={tag} className={styles.tag}>
          {tag}
        </li>
      ))}
    </ul>
  );
}

interface NextProps {
  readonly at: Date;
  readonly zone: string;
  readonly now: Date;
}

/** The next occurrence on the clocks of whoever looks, and on those of the series where they differ. */
function Next({ at, zone, now }: NextProps) {
  const own = useZone();
  const there = weekdayWords(at, zone);
  return (
    <li className={styles.next}>
      <Icon name="clock" />
      <time dateTime={at.toISOString()} title={`${timeWords(at, own)}, ${own}`}>
        Next: {dueWords(at, now, own)}
        {weekdayWords(at, own) !== there && ` (there ${there})`}
      </time>
    </li>
  );
}
