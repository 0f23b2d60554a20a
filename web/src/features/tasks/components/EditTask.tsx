import { useId, useState, type ReactNode, type SubmitEvent } from "react";

import { Dialog } from "../../../components/Dialog.tsx";
import { Field } from "../../../components/Field.tsx";
import { Failure, Notice } from "../../../components/Notice.tsx";
import { useErrorInSight } from "../../../components/use-error-in-sight.ts";
import { ApiError } from "../../../lib/api/problem.ts";
import type { Task } from "../../../lib/api/types.ts";
import { timeWords } from "../../../lib/time/words.ts";
import { useZone } from "../../../lib/time/zone-context.ts";
import { useReadTask, useUpdateTask } from "../api/change-tasks.ts";
import { draftOf, patchOf, type TaskDraft } from "../api/draft.ts";
import styles from "./EditTask.module.css";
import { statusNames, statuses } from "./names.ts";
import { TaskFields } from "./TaskFields.tsx";

interface EditTaskProps {
  readonly task: Task;
  readonly knownTags: readonly string[];
  /** What is shown of its reminders, given the task as it is stored. */
  readonly remindersOf: (task: Task) => ReactNode;
  readonly onClose: () => void;
}

/** Everything of a task in a dialog. What somebody else changed meanwhile is never overwritten unseen. */
export function EditTask({ task: opened, ...props }: EditTaskProps) {
  const [task, setTask] = useState(opened);
  const [isReloaded, setReloaded] = useState(false);
  const reload = (newest: Task) => {
    setTask(newest);
    setReloaded(true);
  };
  return (
    <Dialog title="Edit task" onClose={props.onClose}>
      {isReloaded && (
        <p className={styles.reloaded} role="status">
          This is the task as it is now. Make your change again.
        </p>
      )}
      <EditForm key={task.version} {...props} task={task} onReload={reload} />
    </Dialog>
  );
}

interface EditFormProps extends EditTaskProps {
  readonly onReload: (task: Task) => void;
}

function EditForm({ task, knownTags, remindersOf, onReload, onClose }: EditFormProps) {
  const formId = useId();
  const zone = useZone();
  const update = useUpdateTask();
  const [draft, setDraft] = useState(() => draftOf(task, zone));
  const change = (part: Partial<TaskDraft>) => setDraft({ ...draft, ...part });
  const form = useErrorInSight(update.error);
  const errorOf = (field: string) =>
    update.error instanceof ApiError ? update.error.field(field) : undefined;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const patch = patchOf(task, draft, zone);
    if (Object.keys(patch).length === 0) onClose();
    else update.mutate({ task, patch }, { onSuccess: onClose });
  };
  return (
    <div className="stack">
      <form ref={form} id={formId} className="stack" onSubmit={submit}>
        <TextFields draft={draft} errorOf={errorOf} onChange={change} />
        <TaskFields draft={draft} knownTags={knownTags} errorOf={errorOf} onChange={change} />
      </form>
      {remindersOf(task)}
      <p className={`soft ${styles.facts ?? ""}`}>
        Created {timeWords(new Date(task.created_at), zone)}, changed{" "}
        {timeWords(new Date(task.updated_at), zone)}
      </p>
      {update.isError && <SaveFailure error={update.error} id={task.id} onReload={onReload} />}
      <div className="actions">
        <button type="button" className="button" onClick={onClose}>
          Cancel
        </button>
        <button type="submit" form={formId} className="button primary" disabled={update.isPending}>
          {update.isPending ? "Saving…" : "Save"}
        </button>
      </div>
    </div>
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

interface SaveFailureProps {
  readonly error: Error;
  readonly id: string;
  readonly onReload: (task: Task) => void;
}

function SaveFailure({ error, id, onReload }: SaveFailureProps) {
  const read = useReadTask();
  if (!(error instanceof ApiError && error.status === 412)) {
    return <Failure doing="The change was not saved." error={error} />;
  }
  const load = () => read.mutate(id, { onSuccess: onReload });
  return (
    <>
      <Notice
        kind="bad"
        action={
          <button type="button" className="button" disabled={read.isPending} onClick={load}>
            {read.isPending ? "Loading…" : "Load the newest"}
          </button>
        }
      >
        <strong>Your change was not saved:</strong> the task was changed elsewhere since you opened
        it.
      </Notice>
      {read.isError && <Failure doing="The newest could not be loaded." error={read.error} />}
    </>
  );
}
