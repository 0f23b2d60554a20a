import { ConfirmDialog } from "../../../components/ConfirmDialog.tsx";
import type { Task } from "../../../lib/api/types.ts";
import { useDeleteTask } from "../api/change-tasks.ts";

interface DeleteTaskProps {
  readonly task: Task;
  readonly onClose: () => void;
}

export function DeleteTask({ task, onClose }: DeleteTaskProps) {
  const remove = useDeleteTask();
  return (
    <ConfirmDialog
      title="Delete this task?"
      consequence={
        task.series_id === null
          ? `“${task.title}” is gone for good.`
          : `“${task.title}” is gone for good, with its series and all its times.`
      }
      action="Delete"
      isPending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate(task, { onSuccess: onClose })}
      onClose={onClose}
    />
  );
}
