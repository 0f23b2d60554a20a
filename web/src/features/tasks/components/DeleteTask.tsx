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
      consequence={`“${task.title}” is gone for good.`}
      action="Delete"
      isPending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate(task, { onSuccess: onClose })}
      onClose={onClose}
    />
  );
}
