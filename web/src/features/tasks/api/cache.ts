/** What the query cache knows of tasks, and how a change gets into it. */

import type { InfiniteData, QueryClient } from "@tanstack/react-query";

import type { Task, TaskPage } from "../../../lib/api/types.ts";

export const taskKeys = {
  all: ["tasks"],
  lists: ["tasks", "list"],
  one: (id: string) => ["tasks", "one", id],
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

/** Reads anew what shows tasks or counts them. */
export async function refreshTasks(queries: QueryClient): Promise<void> {
  await Promise.all([
    queries.invalidateQueries({ queryKey: taskKeys.all }),
    queries.invalidateQueries({ queryKey: ["tags"] }),
  ]);
}
