import { useId, useState, type ReactNode, type SubmitEvent } from "react";

import { Dialog } from "../../../components/Dialog.tsx";
import { Field } from "../../../components/Field.tsx";
import { Failure } from "../../../components/Notice.tsx";
import { isStale, Merged, Stale } from "../../../components/Stale.tsx";
import { useDraft } from "../../../components/use-draft.ts";
import { useErrorInSight } from "../../../components/use-error-in-sight.ts";
import { ApiError } from "../../../lib/api/problem.ts";
import type { Task } from "../../../lib/api/types.ts";
import { timeWords } from "../../../lib/time/words.ts";
import { useZone } from "../../../lib/time/zone-context.ts";
import { readTask, useUpdateTask } from "../api/change-tasks.ts";
import { draftOf, patchOf, type TaskDraft } from "../api/draft.ts";
import styles from "./EditTask.module.css";
import { draftParts, statusNames, statuses } from "./names.ts";
import { TaskFields } from "./TaskFields.tsx";

interface EditTaskProps {
  readonly task: Task;
  readonly knownTags: readonly string[];
  /** What is shown of its reminders, given the task as it is stored. */
  readonly remindersOf: (task: Task) => ReactNode;
  readonly onClose: () => void;
}

/** Everything of a task in a dialog. What somebody else changed meanwhile is never overwritten unseen. */
export function EditTask({ task: opened, knownTags, remindersOf, onClose }: EditTaskProps) {
  const formId = useId();
  const zone = useZone();
  const update = useUpdateTask();
  const [task, setTask] = useState(opened);
  const { draft, change, takeNewest, merged } = useDraft(draftParts, () => draftOf(task, zone));
  const form = useErrorInSight(update.error);
  const errorOf = (field: string) =>
    update.error instanceof ApiError ? update.error.field(field) : undefined;
  const goOnFrom = (newest: Task) => {
    takeNewest(draftOf(task, zone), draftOf(newest, zone));
    setTask(newest);
    update.reset();
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const patch = patchOf(task, draft, zone);
    if (Object.keys(patch).length === 0) onClose();
    else update.mutate({ task, patch }, { onSuccess: onClose });
  };
  return (
    <Dialog title="Edit task" onClose={onClose}>
      <div className="stack">
        {merged && <Merged key={task.version} what="task" merged={merged} />}
        <form ref={form} id={formId} className="stack" onSubmit={submit}>
          <TextFields draft={draft} errorOf={errorOf} onChange={change} />
          <TaskFields draft={draft} knownTags={knownTags} errorOf={errorOf} onChange={change} />
        </form>
        {remindersOf(task)}
        <Dates task={task} />
        {isStale(update.error) ? (
          <Stale what="task" read={() => readTask(task.id)} onNewest={goOnFrom} />
        ) : (
          update.isError && <Failure doing="The change was not saved." error={update.error} />
        )}
        <div className="actions">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button
            type="submit"
            form={formId}
            className="button primary"
            disabled={update.isPending}
          >
            {update.isPending ? "Saving…" : "Save"}
          </button>
        </div>
      </div>
    </Dialog>
  );
}

function Dates({ task }: { readonly task: Task }) {
  const zone = useZone();
  return (
    <p className={`soft ${styles.dates ?? ""}`}>
      Created {timeWords(new Date(task.created_at), zone)}, changed{" "}
      {timeWords(new Date(task.updated_at), zone)}
    </p>
  );
}

interface TextFieldsProps {
  readonly draft: TaskDraft;
  readonly errorOf: (field: string) => string | undefined;
  readonly onChange: (change: Partial<TaskDraft>) => void;
}

function TextFields({ draft, errorOf, onChange }: TextFieldsProps) {
  return (
    <>
      <Field label="Title" error={errorOf("title")}>
        {(control) => (
          <input
            {...control}
            required
            maxLength={200}
            value={draft.title}
            onChange={({ target }) => onChange({ title: target.value })}
          />
        )}
      </Field>
      <Field label="Notes" error={errorOf("description")}>
        {(control) => (
          <textarea
            {...control}
            maxLength={10_000}
            value={draft.description}
            onChange={({ target }) => onChange({ description: target.value })}
          />
        )}
      </Field>
      <Field label="Status" error={errorOf("status")}>
        {(control) => (
          <select
            {...control}
            value={draft.status}
            onChange={({ target }) => {
              const status = statuses.find((name) => name === target.value);
              if (status !== undefined) onChange({ status });
            }}
          >
            {statuses.map((status) => (
              <option key={status} value={status}>
                {statusNames[status]}
              </option>
            ))}
          </select>
        )}
      </Field>
    </>
  );
}
