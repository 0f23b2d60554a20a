import { useMutation, useQueryClient } from "@tanstack/react-query";

import { showToast } from "../../../components/toasts.ts";
import { answer, api, succeed } from "../../../lib/api/client.ts";
import { messageOf } from "../../../lib/api/problem.ts";
import type { BulkChange, NewTask, Status, Task, TaskPatch } from "../../../lib/api/types.ts";
import { changeInLists, refreshTasks, refreshTasksOnceTicked, taskKeys, ticking } from "./cache.ts";

interface Creation {
  readonly task: NewTask;
  /** The same for each try of the same form, so that a repeated try makes no second task. */
  readonly key: string;
}

export function useCreateTask() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ task, key }: Creation) =>
      answer(
        api.POST("/api/tasks", { body: task, params: { header: { "Idempotency-Key": key } } }),
      ),
    // The form is ready for the next task before the list has been read anew.
    onSettled: () => void refreshTasks(queries),
  });
}

interface Change {
  readonly task: Task;
  readonly patch: TaskPatch;
}

/** Changes a task if it is still as it was read; else fails with 412. */
export function useUpdateTask() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: changeTask,
    onSuccess: (task) => changeInLists(queries, task.id, () => task),
    onSettled: () => refreshTasks(queries),
  });
}

function changeTask({ task: { id, version }, patch }: Change): Promise<Task> {
  return answer(
    api.PATCH("/api/tasks/{id}", {
      params: { path: { id }, header: { "If-Match": `"${version}"` } },
      body: patch,
      headers: { "content-type": "application/merge-patch+json" },
    }),
  );
}

export function readTask(id: string): Promise<Task> {
  return answer(api.GET("/api/tasks/{id}", { params: { path: { id } } }));
}

export function useDeleteTask() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id }: Task) =>
      succeed(api.DELETE("/api/tasks/{id}", { params: { path: { id } } })),
    onSuccess: (_, { title }) => showToast({ kind: "good", text: `Deleted “${title}”.` }),
    onSettled: () => refreshTasks(queries),
  });
}

interface Tick {
  readonly task: Task;
  readonly done: boolean;
  /** What a task was before the completion that is taken back, if nobody has changed it since. */
  readonly before?: Status;
}

const statusAfter = ({ done, before = "pending" }: Tick): Status => (done ? "completed" : before);

function tick({ task, done, before }: Tick): Promise<Task> {
  if (before !== undefined) return changeTask({ task, patch: { status: before } });
  const params = { path: { id: task.id } };
  return done
    ? answer(api.POST("/api/tasks/{id}/complete", { params }))
    : answer(api.POST("/api/tasks/{id}/reopen", { params }));
}

/** Completes or reopens a task: shown at once, taken back if the service says no. */
export function useSetDone() {
  const queries = useQueryClient();
  const mutation = useMutation({
    ...ticking,
    mutationFn: tick,
    onMutate: async (wanted) => {
      await queries.cancelQueries({ queryKey: taskKeys.lists });
      const status = statusAfter(wanted);
      changeInLists(queries, wanted.task.id, (shown) => ({ ...shown, status }));
    },
    onError: (error, { task, done }) => {
      changeInLists(queries, task.id, (shown) => ({ ...shown, status: task.status }));
      const undone = done ? "is not completed" : "is not open again";
      showToast({ kind: "bad", text: `“${task.title}” ${undone}. ${messageOf(error)}` });
    },
    onSuccess: (task, { task: { status: before }, done }) => {
      changeInLists(queries, task.id, () => task);
      if (!done) return;
      const undo = () => mutation.mutate({ task, done: false, before });
      showToast({
        kind: "good",
        text: `Completed “${task.title}”.`,
        action: { label: "Undo", run: undo },
      });
    },
    // It is over before the list has been read anew: what is told meanwhile would not be read.
    onSettled: () => void refreshTasksOnceTicked(queries),
  });
  return mutation;
}

export function useBulkChange() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: BulkChange) => succeed(api.POST("/api/tasks/bulk", { body })),
    onSettled: () => refreshTasks(queries),
  });
}
