import { ConfirmDialog } from "../../../components/ConfirmDialog.tsx";
import type { RecurringTask } from "../../../lib/api/types.ts";
import { useCancelSeries } from "../api/series.ts";

interface CancelSeriesProps {
  readonly series: RecurringTask;
  readonly onClose: () => void;
}

export function CancelSeries({ series, onClose }: CancelSeriesProps) {
  const cancel = useCancelSeries();
  return (
    <ConfirmDialog
      title="End this series?"
      consequence={`“${series.task.title}” never comes again. What it has made so far stays.`}
      action="End it"
      isPending={cancel.isPending}
      error={cancel.error}
      onConfirm={() => cancel.mutate(series, { onSuccess: onClose })}
      onClose={onClose}
    />
  );
}
