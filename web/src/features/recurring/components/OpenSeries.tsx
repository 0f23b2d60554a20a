import { Dialog } from "../../../components/Dialog.tsx";
import { Failure } from "../../../components/Notice.tsx";
import { useNow } from "../../../lib/time/use-now.ts";
import { useSeries } from "../api/series.ts";
import { Instances, type RemindersOf } from "./Instances.tsx";

interface OpenSeriesProps {
  readonly taskId: string;
  readonly remindersOf: RemindersOf;
  readonly onClose: () => void;
}

/** The times of a series that an address names. */
export function OpenSeries({ taskId, remindersOf, onClose }: OpenSeriesProps) {
  const query = useSeries(taskId);
  const now = useNow();
  return (
    <Dialog title={query.data?.task.title ?? "Recurring task"} onClose={onClose}>
      {query.isPending && (
        <p className="soft" role="status">
          Loading the recurring task…
        </p>
      )}
      {query.isError && (
        <Failure
          doing="The recurring task could not be loaded."
          error={query.error}
          onRetry={() => void query.refetch()}
        />
      )}
      {query.data && (
        <div className="stack">
          <p className="soft">{query.data.summary}</p>
          <Instances
            taskId={taskId}
            title={query.data.task.title}
            now={now}
            remindersOf={remindersOf}
          />
        </div>
      )}
    </Dialog>
  );
}
