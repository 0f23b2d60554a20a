import type { ReactNode } from "react";

import { Dialog } from "../../../components/Dialog.tsx";
import { Failure } from "../../../components/Notice.tsx";
import type { Task } from "../../../lib/api/types.ts";
import { useTask } from "../api/list-tasks.ts";
import { EditTask } from "./EditTask.tsx";

interface OpenTaskProps {
  readonly id: string;
  readonly knownTags: readonly string[];
  readonly remindersOf: (task: Task) => ReactNode;
  readonly onClose: () => void;
}

/** A task that an address names, in the editor. */
export function OpenTask({ id, onClose, ...editor }: OpenTaskProps) {
  const query = useTask(id);
  if (query.data !== undefined) {
    return <EditTask task={query.data} {...editor} onClose={onClose} />;
  }
  return (
    <Dialog title="Edit task" onClose={onClose}>
      {query.isError ? (
        <Failure
          doing="The task could not be loaded."
          error={query.error}
          onRetry={() => void query.refetch()}
        />
      ) : (
        <p className="soft" role="status">
          Loading the task…
        </p>
      )}
    </Dialog>
  );
}
