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
  const { task, draft, change, merged, isUnsaved, error, ...does } = useEditing(opened, onClose);
  const form = useErrorInSight(error);
  const errorOf = (field: string) => (error instanceof ApiError ? error.field(field) : undefined);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    does.save();
  };
  return (
    <Dialog title="Edit task" isUnsaved={isUnsaved} isSaving={does.isSaving} onClose={onClose}>
      <div className="stack">
        {merged && <Merged key={task.version} what="task" merged={merged} />}
        <form ref={form} id={formId} className="stack" onSubmit={submit}>
          <TextFields draft={draft} errorOf={errorOf} onChange={change} />
          <TaskFields draft={draft} knownTags={knownTags} errorOf={errorOf} onChange={change} />
        </form>
        {remindersOf(task)}
        <Dates task={task} />
        {isStale(error) ? (
          <Stale what="task" read={() => readTask(task.id)} onNewest={does.goOnFrom} />
        ) : (
          error !== null && <Failure doing="The change was not saved." error={error} />
        )}
        <div className="actions">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" form={formId} className="button primary" disabled={does.isSaving}>
            {does.isSaving ? "Saving…" : "Save"}
          </button>
        </div>
      </div>
    </Dialog>
  );
}

/** What is written of a task, and the task as it was when that was begun: on top of it is saved. */
function useEditing(opened: Task, onSaved: () => void) {
  const zone = useZone();
  const [task, setTask] = useState(opened);
  const { takeNewest, ...written } = useDraft(draftParts, () => draftOf(task, zone));
  const { mutate, reset, error, isPending: isSaving } = useUpdateTask();
  const patch = patchOf(task, written.draft, zone);
  const isUnsaved = Object.keys(patch).length > 0;
  const save = () => {
    if (isUnsaved) mutate({ task, patch }, { onSuccess: onSaved });
    else onSaved();
  };
  const goOnFrom = (newest: Task) => {
    takeNewest(draftOf(task, zone), draftOf(newest, zone));
    setTask(newest);
    reset();
  };
  return { task, ...written, isUnsaved, save, goOnFrom, error, isSaving };
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
            value={draft.title}
            onChange={({ target }) => onChange({ title: target.value })}
          />
        )}
      </Field>
      <Field label="Notes" error={errorOf("description")}>
        {(control) => (
          <textarea
            {...control}
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
