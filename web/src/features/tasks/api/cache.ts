/** What the query cache knows of tasks, and how a change gets into it. */

import type { InfiniteData, QueryClient } from "@tanstack/react-query";

import { tagsKey, tasksKey } from "../../../lib/api/keys.ts";
import type { Task, TaskPage } from "../../../lib/api/types.ts";

export const taskKeys = {
  all: tasksKey,
  lists: [...tasksKey, "list"],
  one: (id: string) => [...tasksKey, "one", id],
} as const;

type Lists = InfiniteData<TaskPage, number>;

/** Replaces a task in every list that shows it. */
export function changeInLists(
  queries: QueryClient,
  id: string,
  change: (task: Task) => Task,
): void {
  queries.setQueriesData<Lists>({ queryKey: taskKeys.lists }, (lists) =>
    lists === undefined ? lists : changeInPages(lists, id, change),
  );
}

function changeInPages(lists: Lists, id: string, change: (task: Task) => Task): Lists {
  return {
    ...lists,
    pages: lists.pages.map((page) => ({
      ...page,
      tasks: page.tasks.map((task) => (task.id === id ? change(task) : task)),
    })),
  };
}

/** The mutations that tick tasks off. */
export const ticking = { mutationKey: [...tasksKey, "tick"] } as const;

/**
 * Reads anew what shows tasks or counts them. What is being ticked off would come back as it still is, to be clicked again: so not
 * while some are; the last of those sees to it.
 */
export async function refreshTasks(queries: QueryClient): Promise<void> {
  if (queries.isMutating(ticking) === 0) await readAnew(queries);
}

/** The same, by one that is being ticked off, at its end. */
export async function refreshTasksOnceTicked(queries: QueryClient): Promise<void> {
  if (queries.isMutating(ticking) === 1) await readAnew(queries);
}

async function readAnew(queries: QueryClient): Promise<void> {
  await Promise.all([
    queries.invalidateQueries({ queryKey: taskKeys.all }),
    queries.invalidateQueries({ queryKey: tagsKey }),
  ]);
}
