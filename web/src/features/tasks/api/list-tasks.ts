import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";

import { answer, api } from "../../../lib/api/client.ts";
import { nextPage, onceEach } from "../../../lib/api/pages.ts";
import type { Task } from "../../../lib/api/types.ts";
import { useNow } from "../../../lib/time/use-now.ts";
import { civilTime } from "../../../lib/time/zone.ts";
import { useZone } from "../../../lib/time/zone-context.ts";
import { taskKeys } from "./cache.ts";
import { apiQuery, type TaskFilters } from "./filters.ts";

const pageSize = 50;
const minuteMs = 60_000;

export interface LoadedTasks {
  readonly tasks: readonly Task[];
  readonly total: number;
}

/** The tasks that the filters let through, page by page. */
export function useTasks(filters: TaskFilters) {
  const zone = useZone();
  const { date: today } = civilTime(useNow(), zone);
  return useInfiniteQuery({
    // A list of days is another one after midnight; one of what is overdue grows while one looks.
    queryKey: [...taskKeys.lists, filters, zone, filters.due === null ? null : today],
    refetchInterval: filters.due === "overdue" && minuteMs,
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
    getNextPageParam: nextPage,
    select: ({ pages }): LoadedTasks => ({
      tasks: onceEach(pages.map((page) => page.tasks)),
      total: pages.at(-1)?.total ?? 0,
    }),
    placeholderData: keepPreviousData,
  });
}

/** One task, as it is now: the editor that it goes into shows no later state by itself, so nothing older is kept for it. */
export function useTask(id: string) {
  return useQuery({
    queryKey: taskKeys.one(id),
    gcTime: 0,
    queryFn: ({ signal }) =>
      answer(api.GET("/api/tasks/{id}", { params: { path: { id } }, signal })),
  });
}
