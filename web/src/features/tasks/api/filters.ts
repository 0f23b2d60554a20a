/** What part of the tasks is shown, and its place in the address bar. */

import type { Priority, Status } from "../../../lib/api/types.ts";
import { priorities } from "../../../lib/priorities.ts";
import { startOfDay } from "../../../lib/time/zone.ts";

export const views = ["open", "pending", "in_progress", "completed", "all"] as const;
export const dueRanges = ["overdue", "today", "week"] as const;
export const sorts = ["newest", "due", "priority", "title", "updated", "relevance"] as const;

export type View = (typeof views)[number];
export type DueRange = (typeof dueRanges)[number];
export type Sort = (typeof sorts)[number];

export interface TaskFilters {
  readonly view: View;
  readonly priority: Priority | null;
  readonly tags: readonly string[];
  readonly search: string;
  readonly due: DueRange | null;
  /** `null`: best match first when searching, else newest first. */
  readonly sort: Sort | null;
}

export const noFilters: TaskFilters = {
  view: "open",
  priority: null,
  tags: [],
  search: "",
  due: null,
  sort: null,
};

/** The filters that a query string says; what it says wrongly counts as not said. */
export function filtersFromQuery(query: URLSearchParams): TaskFilters {
  return {
    view: oneOf(views, query.get("view")) ?? noFilters.view,
    priority: oneOf(priorities, query.get("priority")),
    tags: [...new Set(query.getAll("tag").filter((tag) => tag !== ""))],
    search: query.get("search")?.trim() ?? "",
    due: oneOf(dueRanges, query.get("due")),
    sort: oneOf(sorts, query.get("sort")),
  };
}

/** The shortest query string that says the filters. */
export function queryFromFilters(filters: TaskFilters): URLSearchParams {
  const query = new URLSearchParams();
  if (filters.search !== "") query.set("search", filters.search);
  if (filters.view !== noFilters.view) query.set("view", filters.view);
  if (filters.priority !== null) query.set("priority", filters.priority);
  if (filters.due !== null) query.set("due", filters.due);
  for (const tag of filters.tags) query.append("tag", tag);
  if (filters.sort !== null) query.set("sort", filters.sort);
  return query;
}

/** Whether some tasks are left out that a person would look for. */
export function isNarrowed(filters: TaskFilters): boolean {
  return (
    filters.search !== "" ||
    filters.view !== noFilters.view ||
    filters.priority !== null ||
    filters.due !== null ||
    filters.tags.length > 0
  );
}

export function sortOf(filters: TaskFilters): Sort {
  if (filters.search === "" && filters.sort === "relevance") return "newest";
  return filters.sort ?? (filters.search === "" ? "newest" : "relevance");
}

const statusesOf: Record<View, readonly Status[]> = {
  open: ["pending", "in_progress"],
  pending: ["pending"],
  in_progress: ["in_progress"],
  completed: ["completed"],
  all: [],
};

const orderOf = {
  newest: { sort_by: "created_at", sort_order: "desc" },
  updated: { sort_by: "updated_at", sort_order: "desc" },
  due: { sort_by: "due_at", sort_order: "asc" },
  priority: { sort_by: "priority", sort_order: "desc" },
  title: { sort_by: "title", sort_order: "asc" },
  relevance: { sort_by: "relevance", sort_order: "desc" },
} as const;

/** The filters as `GET /api/tasks` takes them, at the moment `now` in `zone`. */
export function apiQuery(filters: TaskFilters, now: Date, zone: string) {
  return {
    status: [...statusesOf[filters.view]],
    priority: filters.priority === null ? [] : [filters.priority],
    tags: [...filters.tags],
    ...(filters.search === "" ? {} : { search: filters.search }),
    ...dueLimits(filters.due, now, zone),
    ...orderOf[sortOf(filters)],
  };
}

function dueLimits(due: DueRange | null, now: Date, zone: string) {
  const dayStart = (days: number) => startOfDay(now, zone, days).toISOString();
  switch (due) {
    case null:
      return {};
    case "overdue":
      return { due_before: now.toISOString() };
    case "today":
      return { due_after: dayStart(0), due_before: dayStart(1) };
    case "week":
      return { due_after: dayStart(0), due_before: dayStart(7) };
  }
}

function oneOf<T extends string>(values: readonly T[], text: string | null): T | null {
  return values.find((value) => value === text) ?? null;
}
