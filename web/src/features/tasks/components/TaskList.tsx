import { useRef, useLayoutEffect, type FocusEvent } from "react";

import type { Task } from "../../../lib/api/types.ts";
import { useNow } from "../../../lib/time/use-now.ts";
import styles from "./TaskList.module.css";
import { TaskRow } from "./TaskRow.tsx";

interface TaskListProps {
  readonly tasks: readonly Task[];
  /** `null` while nothing is being selected. */
  readonly selection: ReadonlySet<string> | null;
  readonly isOld: boolean;
  readonly onSelect: (id: string, selected: boolean) => void;
  readonly onEdit: (task: Task) => void;
  readonly onDelete: (task: Task) => void;
}

export function TaskList({ tasks, selection, isOld, ...does }: TaskListProps) {
  const now = useNow();
  const focus = useFocusKeptInList(tasks);
  return (
    <ul
      {...focus}
      className={`card ${styles.list ?? ""}`}
      aria-label="Tasks"
      aria-busy={isOld}
      data-old={isOld}
    >
      {tasks.map((task) => (
        <TaskRow
          key={task.id}
          task={task}
          now={now}
          selected={selection === null ? null : selection.has(task.id)}
          onSelect={(selected) => does.onSelect(task.id, selected)}
          onEdit={() => does.onEdit(task)}
          onDelete={() => does.onDelete(task)}
        />
      ))}
    </ul>
  );
}

/** When the row with the focus leaves the list (it is done, say), the row in its place gets the focus. */
function useFocusKeptInList(tasks: readonly Task[]) {
  const ref = useRef<HTMLUListElement>(null);
  const focused = useRef<number | null>(null);
  useLayoutEffect(() => {
    const rows = ref.current?.children;
    if (rows === undefined || focused.current === null) return;
    if (document.activeElement !== document.body) return;
    rows[Math.min(focused.current, rows.length - 1)]?.querySelector("input")?.focus();
  }, [tasks]);
  const onFocus = ({ target }: FocusEvent) => {
    const rows = [...(ref.current?.children ?? [])];
    focused.current = rows.findIndex((row) => row.contains(target));
  };
  // A row that leaves is not told of here: what is, somebody did. If they went to another window, the row is still the active one.
  const onBlur = ({ relatedTarget }: FocusEvent) => {
    if (!ref.current?.contains(relatedTarget ?? document.activeElement)) focused.current = null;
  };
  return { ref, onFocus, onBlur };
}

/** What stands for the list until it comes. */
export function TaskListSkeleton() {
  return (
    <div className={`card ${styles.list ?? ""}`} role="status">
      <span className="unseen">Loading the tasks…</span>
      {[62, 44, 71, 38, 55].map((width) => (
        <svg key={width} className={styles.bone} aria-hidden="true" viewBox="0 0 100 12">
          <circle cx="3" cy="6" r="1.8" />
          <rect x="8" y="3.2" width={width} height="2.2" rx="1" />
          <rect x="8" y="7.4" width={width / 2} height="1.4" rx="0.7" />
        </svg>
      ))}
    </div>
  );
}
