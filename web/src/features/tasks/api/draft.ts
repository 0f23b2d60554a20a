/** A task as it stands in a form, and the way between the form and the API. */

import type { NewTask, Priority, Status, Task, TaskPatch } from "../../../lib/api/types.ts";
import { endOfDay } from "../../../lib/time/words.ts";
import { civilTime, instantOf } from "../../../lib/time/zone.ts";

export interface TaskDraft {
  readonly title: string;
  readonly description: string;
  readonly status: Status;
  readonly priority: Priority;
  readonly tags: readonly string[];
  /** `2026-12-01`, or empty for no due time. */
  readonly date: string;
  /** `09:00`, or empty for the end of the day; of no meaning without a date. */
  readonly time: string;
}

export const emptyDraft: TaskDraft = {
  title: "",
  description: "",
  status: "pending",
  priority: "Medium",
  tags: [],
  date: "",
  time: "",
};

export function draftOf(task: Task, zone: string): TaskDraft {
  const due = task.due_at === null ? null : civilTime(new Date(task.due_at), zone);
  return {
    title: task.title,
    description: task.description ?? "",
    status: task.status,
    priority: task.priority,
    tags: [...task.tags],
    date: due?.date ?? "",
    time: due === null || due.time === endOfDay ? "" : due.time,
  };
}

export function newTaskOf(draft: TaskDraft, zone: string): NewTask {
  const dueAt = dueAtOf(draft, zone);
  return {
    title: draft.title.trim(),
    priority: draft.priority,
    tags: [...draft.tags],
    ...(draft.description.trim() === "" ? {} : { description: draft.description }),
    ...(dueAt === null ? {} : { due_at: dueAt }),
  };
}

/** Only what the form changes, so that an untouched field keeps what it is, to the second. */
export function patchOf(task: Task, draft: TaskDraft, zone: string): TaskPatch {
  const before = draftOf(task, zone);
  const isDueChanged =
    before.date !== draft.date || (draft.date !== "" && before.time !== draft.time);
  return {
    ...(draft.title.trim() === before.title ? {} : { title: draft.title.trim() }),
    ...(draft.description === before.description
      ? {}
      : { description: draft.description.trim() === "" ? null : draft.description }),
    ...(draft.status === before.status ? {} : { status: draft.status }),
    ...(draft.priority === before.priority ? {} : { priority: draft.priority }),
    ...(sameTags(draft.tags, before.tags) ? {} : { tags: [...draft.tags] }),
    ...(isDueChanged ? { due_at: dueAtOf(draft, zone) } : {}),
  };
}

function dueAtOf({ date, time }: TaskDraft, zone: string): string | null {
  const civil = { date, time: time === "" ? endOfDay : time };
  return instantOf(civil, zone)?.toISOString() ?? null;
}

function sameTags(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((tag) => b.includes(tag));
}
