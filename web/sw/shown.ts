/** What a push message becomes on the screen. */

import { placeOf } from "../src/lib/place.ts";

export interface Shown {
  readonly title: string;
  readonly body: string;
  /** The same for the same notification, so that a repetition takes the place of what is shown. */
  readonly tag: string;
  /** Where in the page a click leads. */
  readonly place: string;
}

/**
 * Reads a message: JSON with what is to be told. Each message has to show something, or browsers say that a page did something
 * in the background; so what can't be read says no more than that there is something.
 */
export function shownOf(message: string | undefined): Shown {
  const { notification_id, title, body, task_id, task_instance_id } = parse(message);
  const taskId = text(task_id);
  return {
    title: text(title) ?? "Rondo",
    body: text(body) ?? (text(title) === null ? "There is a reminder for you." : ""),
    tag: text(notification_id) ?? "rondo",
    place: placeOf({ task_id: taskId, task_instance_id: text(task_instance_id) }) ?? "/",
  };
}

function parse(message = ""): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(message);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
