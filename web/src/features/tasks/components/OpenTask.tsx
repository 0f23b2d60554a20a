import { useEffect, type ReactNode } from "react";

import { Dialog } from "../../../components/Dialog.tsx";
import { Failure } from "../../../components/Notice.tsx";
import type { Task } from "../../../lib/api/types.ts";
import { goTo } from "../../../lib/location.ts";
import { placeOfSeries } from "../../../lib/place.ts";
import { useTask } from "../api/list-tasks.ts";
import { EditTask } from "./EditTask.tsx";

interface OpenTaskProps {
  readonly id: string;
  readonly knownTags: readonly string[];
  readonly remindersOf: (task: Task) => ReactNode;
  readonly onClose: () => void;
}

/**
 * A task that an address names, in the editor. Of a series it goes on to its times: a reminder that falls due before its time of
 * the series has been made, or at that very moment, can name no more than the series.
 */
export function OpenTask({ id, onClose, ...editor }: OpenTaskProps) {
  const query = useTask(id);
  const isSeries = query.data !== undefined && query.data.series_id !== null;
  useEffect(() => {
    if (isSeries) goTo(placeOfSeries(id), "replace");
  }, [id, isSeries]);
  if (query.data !== undefined && !isSeries) {
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
