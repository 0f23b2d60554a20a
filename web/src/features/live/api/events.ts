/** The events of `GET /api/tasks/stream`, as the page understands them. */

import type { Notification } from "../../../lib/api/types.ts";

/** What changes something that is shown. */
const changes = [
  "task.created",
  "task.updated",
  "task.deleted",
  "task.status_changed",
  "task.instance_created",
  "recurring.scheduled",
  "recurring.cancelled",
  "reminder.scheduled",
  "reminder.due",
  "reminder.cancelled",
] as const;

export type LiveEvent =
  | { readonly name: (typeof changes)[number]; readonly taskId: string }
  | { readonly name: "notification.created"; readonly notification: Notification };

/** The service no longer has all that came after the last event seen. */
export const resetEvent = "stream.reset";

/** The event that a message of the stream carries; `null` for one that means nothing here. */
export function readEvent(name: string | undefined, data: string): LiveEvent | null {
  const body = parse(data);
  if (name === "notification.created") {
    return isNotification(body?.notification) ? { name, notification: body.notification } : null;
  }
  const known = changes.find((event) => event === name);
  if (known === undefined) return null;
  return typeof body?.task_id === "string" ? { name: known, taskId: body.task_id } : null;
}

function isNotification(value: unknown): value is Notification {
  return (
    typeof value === "object" &&
    value !== null &&
    "id" in value &&
    typeof value.id === "string" &&
    "title" in value &&
    typeof value.title === "string"
  );
}

function parse(data: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === "object" && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}
