/** What the values of the API are called on the page. */

import type { Status } from "../../../lib/api/types.ts";
import type { Parts } from "../../../lib/merge.ts";
import type { TaskDraft } from "../api/draft.ts";
import type { DueRange, Sort, View } from "../api/filters.ts";

export const statuses = [
  "pending",
  "in_progress",
  "completed",
] as const satisfies readonly Status[];

export const statusNames: Record<Status, string> = {
  pending: "To do",
  in_progress: "In progress",
  completed: "Done",
};

export const viewNames: Record<View, string> = {
  open: "Open",
  pending: statusNames.pending,
  in_progress: statusNames.in_progress,
  completed: statusNames.completed,
  all: "All",
};

export const dueNames: Record<DueRange, string> = {
  overdue: "Overdue",
  today: "Today",
  week: "Next 7 days",
};

export const sortNames: Record<Sort, string> = {
  newest: "Newest first",
  due: "Due first",
  priority: "Most important first",
  title: "By title",
  updated: "Last changed first",
  relevance: "Best match first",
};

export const draftParts: Parts<TaskDraft> = {
  Title: ["title"],
  Notes: ["description"],
  Status: ["status"],
  Priority: ["priority"],
  Due: ["date", "time"],
  Tags: ["tags"],
};

export function countOf(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}
