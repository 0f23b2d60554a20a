import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";

import { answer, api } from "../../../lib/api/client.ts";
import type { Task, TaskPage } from "../../../lib/api/types.ts";
import { useZone } from "../../../lib/time/zone-context.ts";
import { taskKeys } from "./cache.ts";
import { apiQuery, type TaskFilters } from "./filters.ts";

const pageSize = 50;

export interface LoadedTasks {
  readonly tasks: readonly Task[];
  readonly total: number;
}

/** The tasks that the filters let through, page by page. */
export function useTasks(filters: TaskFilters) {
  const zone = useZone();
  return useInfiniteQuery({
    queryKey: [...taskKeys.lists, filters, zone],
    queryFn: ({ pageParam, signal }) =>
      answer(
        api.GET("/api/tasks", {
          params: {
            query: { ...apiQuery(filters, new Date(), zone), page: pageParam, page_size: pageSize },
          },
          signal,
        }),
      ),
    initialPageParam: 1,
    getNextPageParam: ({ page, page_size, total }) =>
      page * page_size < total ? page + 1 : undefined,
    select: ({ pages }) => joinPages(pages),
    placeholderData: keepPreviousData,
  });
}

/** The pages as one list; a task that moved between two reads shows once. */
function joinPages(pages: readonly TaskPage[]): LoadedTasks {
  const tasks = new Map(pages.flatMap((page) => page.tasks.map((task) => [task.id, task])));
  return { tasks: [...tasks.values()], total: pages.at(-1)?.total ?? 0 };
}
