import { Icon } from "../../../components/Icon.tsx";
import { Link } from "../../../components/Link.tsx";
import type { Task } from "../../../lib/api/types.ts";
import { placeOfSeries } from "../../../lib/place.ts";
import { dueWords, timeWords } from "../../../lib/time/words.ts";
import { useZone } from "../../../lib/time/zone-context.ts";
import { useSetDone } from "../api/change-tasks.ts";
import { statusNames } from "./names.ts";
import styles from "./TaskRow.module.css";

interface TaskRowProps {
  readonly task: Task;
  readonly now: Date;
  /** `null` while nothing is being selected. */
  readonly selected: boolean | null;
  readonly onSelect: (selected: boolean) => void;
  readonly onEdit: () => void;
  readonly onDelete: () => void;
}

export function TaskRow({ task, now, selected, onSelect, onEdit, onDelete }: TaskRowProps) {
  return (
    <li className={styles.row} data-status={task.status} data-selected={selected === true}>
      {selected === null ? (
        <Completion task={task} />
      ) : (
        <label className={styles.tick}>
          <span className="unseen">Select {task.title}</span>
          <input
            type="checkbox"
            checked={selected}
            onChange={({ target }) => onSelect(target.checked)}
          />
        </label>
      )}
      <div className={styles.body}>
        <button type="button" className={styles.title} title="Edit" onClick={onEdit}>
          {task.title}
        </button>
        {task.description !== null && <p className={styles.notes}>{task.description}</p>}
        <Facts task={task} now={now} />
      </div>
      <button
        type="button"
        className={`button quiet square ${styles.delete ?? ""}`}
        aria-label={`Delete ${task.title}`}
        onClick={onDelete}
      >
        <Icon name="trash" />
      </button>
    </li>
  );
}

/** A box to tick; the template of a series is not what is done, but its times are. */
function Completion({ task }: { readonly task: Task }) {
  if (task.series_id === null || task.status === "completed") return <DoneBox task={task} />;
  return (
    <Link to={placeOfSeries(task.id)} className={styles.times}>
      <Icon name="repeat" />
      <span className="unseen">Times of {task.title}</span>
    </Link>
  );
}

function DoneBox({ task }: { readonly task: Task }) {
  const setDone = useSetDone();
  return (
    <label className={styles.tick}>
      <span className="unseen">Done: {task.title}</span>
      <input
        type="checkbox"
        className={styles.done}
        checked={task.status === "completed"}
        onChange={({ target }) => setDone.mutate({ task, done: target.checked })}
      />
      <Icon name="check" />
    </label>
  );
}

function Facts({ task, now }: { readonly task: Task; readonly now: Date }) {
  return (
    <ul className={styles.facts} aria-label="Facts">
      <li className={styles.priority} data-priority={task.priority}>
        <Icon name="flag" />
        {task.priority}
      </li>
      {task.due_at !== null && <Due task={task} due={new Date(task.due_at)} now={now} />}
      {task.series_id !== null && (
        <li>
          <Icon name="repeat" />
          <Link to="/recurring">Recurs</Link>
        </li>
      )}
      {task.status === "in_progress" && (
        <li className={styles.status}>{statusNames.in_progress}</li>
      )}
      {task.tags.map((tag) => (
        <li key={tag} className={styles.tag}>
          {tag}
        </li>
      ))}
    </ul>
  );
}

interface DueProps {
  readonly task: Task;
  readonly due: Date;
  readonly now: Date;
}

function Due({ task, due, now }: DueProps) {
  const zone = useZone();
  const isOverdue = task.status !== "completed" && due < now;
  return (
    <li className={styles.due} data-overdue={isOverdue}>
      <Icon name={isOverdue ? "warn" : "clock"} />
      <time dateTime={due.toISOString()} title={`${timeWords(due, zone)}, ${zone}`}>
        {isOverdue && "Overdue: "}
        {dueWords(due, now, zone)}
      </time>
    </li>
  );
}
