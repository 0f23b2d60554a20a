import { useState, type SubmitEvent } from "react";

import { ConfirmDialog } from "../../../components/ConfirmDialog.tsx";
import { showToast } from "../../../components/toasts.ts";
import { messageOf } from "../../../lib/api/problem.ts";
import type { BulkChange, Task } from "../../../lib/api/types.ts";
import { priorities } from "../../../lib/priorities.ts";
import { tidyTag } from "../../../lib/tag.ts";
import { useBulkChange } from "../api/change-tasks.ts";
import styles from "./BulkBar.module.css";
import { countOf } from "./names.ts";

type Action<T = BulkChange> = T extends BulkChange ? Omit<T, "ids"> : never;

interface BulkBarProps {
  /** Those that are selected. */
  readonly tasks: readonly Task[];
  readonly isAll: boolean;
  readonly knownTags: readonly string[];
  readonly onSelectAll: () => void;
  readonly onDone: () => void;
}

/** What can be done with all the selected tasks: all of it happens, or nothing. */
export function BulkBar({ tasks, isAll, knownTags, onSelectAll, onDone }: BulkBarProps) {
  const change = useBulkChange();
  const [isDeleting, setDeleting] = useState(false);
  const count = countOf(tasks.length, "task");
  // Of a series, its times are what is done.
  const single = tasks.filter((task) => task.series_id === null);
  const isIdle = tasks.length === 0 || change.isPending;
  const run = (action: Action, done: string, changed = tasks) =>
    change.mutate(
      { ...action, ids: changed.map(({ id }) => id) },
      {
        onSuccess: () => {
          const left = tasks.length - changed.length;
          const rest = left === 0 ? "" : ` ${left} with a series: complete its times instead.`;
          showToast({ kind: "good", text: `${done} ${countOf(changed.length, "task")}.${rest}` });
          onDone();
        },
        onError: (error) =>
          showToast({ kind: "bad", text: `Nothing was changed. ${messageOf(error)}` }),
      },
    );
  return (
    <section className={`card ${styles.bar ?? ""}`} aria-label="Selected tasks">
      <strong role="status">{count} selected</strong>
      <button type="button" className="button" disabled={isAll} onClick={onSelectAll}>
        All shown
      </button>
      <button
        type="button"
        className="button"
        disabled={isIdle || single.length === 0}
        onClick={() => run({ action: "complete" }, "Completed", single)}
      >
        Complete
      </button>
      <PriorityMenu isIdle={isIdle} run={run} />
      <TagForm isIdle={isIdle} knownTags={knownTags} run={run} />
      <button
        type="button"
        className="button danger"
        disabled={isIdle}
        onClick={() => setDeleting(true)}
      >
        Delete
      </button>
      <button type="button" className="button quiet" onClick={onDone}>
        Cancel
      </button>
      {isDeleting && (
        <ConfirmDialog
          title={`Delete ${count}?`}
          consequence={consequenceOf(tasks)}
          action={`Delete ${count}`}
          isPending={change.isPending}
          error={change.error}
          onConfirm={() => run({ action: "delete" }, "Deleted")}
          onClose={() => setDeleting(false)}
        />
      )}
    </section>
  );
}

function consequenceOf(tasks: readonly Task[]): string {
  const recurring = tasks.filter((task) => task.series_id !== null).length;
  const gone = tasks.length === 1 ? "It is gone for good" : "They are gone for good";
  if (recurring === 0) return `${gone}.`;
  if (tasks.length === 1) return `${gone}, with its series and all its times.`;
  return recurring === 1
    ? `${gone}. One of them recurs: its series and all its times go with it.`
    : `${gone}. ${recurring} of them recur: their series and all their times go with them.`;
}

interface ActionProps {
  readonly isIdle: boolean;
  readonly run: (action: Action, done: string) => void;
}

function PriorityMenu({ isIdle, run }: ActionProps) {
  return (
    <select
      aria-label="Set the priority"
      disabled={isIdle}
      value=""
      onChange={({ target }) => {
        const priority = priorities.find((name) => name === target.value);
        if (priority !== undefined) {
          run({ action: "set_priority", priority }, `Set to ${priority}:`);
        }
      }}
    >
      <option value="">Priority…</option>
      {priorities.map((name) => (
        <option key={name}>{name}</option>
      ))}
    </select>
  );
}

function TagForm({
  isIdle,
  knownTags,
  run,
}: ActionProps & { readonly knownTags: readonly string[] }) {
  const [text, setText] = useState("");
  const tag = tidyTag(text);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (tag !== null) run({ action: "add_tags", tags: [tag] }, `Tagged with “${tag}”:`);
  };
  return (
    <form className={styles.tag} onSubmit={submit}>
      <input
        aria-label="A tag for all of them"
        placeholder="Tag…"
        list="bulk-tags"
        maxLength={50}
        value={text}
        onChange={({ target }) => setText(target.value)}
      />
      <datalist id="bulk-tags">
        {knownTags.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <button type="submit" className="button" disabled={isIdle || tag === null}>
        Add tag
      </button>
    </form>
  );
}
