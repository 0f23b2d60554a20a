/** The events of `GET /api/tasks/stream`, as the page understands them. */

export const taskEvents = [
  "task.created",
  "task.updated",
  "task.deleted",
  "task.status_changed",
  "task.instance_created",
] as const;

export type TaskEventName = (typeof taskEvents)[number];

export interface TaskEvent {
  readonly name: TaskEventName;
  readonly taskId: string;
}

/** The service no longer has all that came after the last event seen. */
export const resetEvent = "stream.reset";

/** The event that a message of the stream carries; `null` for one that says nothing about tasks. */
export function readTaskEvent(name: string | undefined, data: string): TaskEvent | null {
  const known = taskEvents.find((event) => event === name);
  if (known === undefined) return null;
  const body = parse(data);
  return typeof body?.task_id === "string" ? { name: known, taskId: body.task_id } : null;
}

function parse(data: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === "object" && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}
