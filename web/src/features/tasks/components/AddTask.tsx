import { useRef, useState, type SubmitEvent } from "react";

import { Icon } from "../../../components/Icon.tsx";
import { Failure } from "../../../components/Notice.tsx";
import { ApiError } from "../../../lib/api/problem.ts";
import { newKey } from "../../../lib/key.ts";
import { useZone } from "../../../lib/time/zone-context.ts";
import { useCreateTask } from "../api/change-tasks.ts";
import { emptyDraft, newTaskOf, type TaskDraft } from "../api/draft.ts";
import styles from "./AddTask.module.css";
import { TaskFields } from "./TaskFields.tsx";

/** The form on top of the list. It opens when one starts to write, and is ready for the next task when one is added. */
export function AddTask({ knownTags }: { readonly knownTags: readonly string[] }) {
  const zone = useZone();
  const create = useCreateTask();
  const title = useRef<HTMLInputElement>(null);
  const [draft, setDraft] = useState(emptyDraft);
  const [key, setKey] = useState(newKey);
  const [isOpen, setOpen] = useState(false);

  const change = (part: Partial<TaskDraft>) => {
    setDraft({ ...draft, ...part });
    setKey(newKey());
  };
  /** What somebody has begun to write since is the next task, and stays. */
  const clear = (added: TaskDraft) => {
    setDraft((written) => (written === added ? emptyDraft : written));
    setKey(newKey());
    create.reset();
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    create.mutate({ task: newTaskOf(draft, zone), key }, { onSuccess: () => clear(draft) });
    title.current?.focus();
  };
  const errorOf = (field: string) =>
    create.error instanceof ApiError ? create.error.field(field) : undefined;

  return (
    <form className={`card ${styles.add ?? ""}`} aria-label="Add a task" onSubmit={submit}>
      <div className={styles.line}>
        <input
          ref={title}
          className={styles.title}
          aria-label="New task"
          aria-invalid={errorOf("title") !== undefined || undefined}
          placeholder="What is to be done?"
          required
          value={draft.title}
          onFocus={() => setOpen(true)}
          onChange={({ target }) => change({ title: target.value })}
        />
        <button type="submit" className="button primary" disabled={create.isPending}>
          <Icon name="plus" />
          {create.isPending ? "Adding…" : "Add"}
        </button>
      </div>
      {isOpen && (
        <TaskFields draft={draft} knownTags={knownTags} errorOf={errorOf} onChange={change} />
      )}
      {create.isError && <Failure doing="The task was not added." error={create.error} />}
    </form>
  );
}
