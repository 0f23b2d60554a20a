import {
  keepPreviousData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";

import { showToast } from "../../../components/toasts.ts";
import { answer, api, succeed } from "../../../lib/api/client.ts";
import { nextPage, onceEach } from "../../../lib/api/pages.ts";
import { messageOf } from "../../../lib/api/problem.ts";
import type {
  NewRecurringTask,
  RecurringTask,
  RecurringTaskPatch,
  SeriesStatus,
} from "../../../lib/api/types.ts";
import { refreshSeries, seriesKeys } from "./cache.ts";

export const parts = ["going", "ended"] as const;
/** Which series are listed. */
export type Part = (typeof parts)[number];

const statusesOf: Record<Part, SeriesStatus[]> = {
  going: ["pending", "active", "paused"],
  ended: ["completed", "cancelled"],
};
const pageSize = 20;

export function useSeriesList(part: Part) {
  return useInfiniteQuery({
    queryKey: seriesKeys.list(part),
    queryFn: ({ pageParam, signal }) =>
      answer(
        api.GET("/api/tasks/recurring", {
          params: { query: { status: statusesOf[part], page: pageParam, page_size: pageSize } },
          signal,
        }),
      ),
    initialPageParam: 1,
    getNextPageParam: nextPage,
    select: ({ pages }) => onceEach(pages.map((page) => page.recurring_tasks)),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state: { data } }) =>
      readAgainMs(data?.pages.flatMap((page) => page.recurring_tasks) ?? [], Date.now()),
  });
}

/** How long after its time an occurrence is there, or is skipped. */
const madeMs = 5_000;
const minuteMs = 60_000;
/** Timers of browsers can't wait for years. */
const longestMs = 60 * minuteMs;

/**
 * When to read these again though nobody tells of a change: when the next one has come round, since one that is skipped or
 * missed makes no event. If the service is behind, each minute.
 */
function readAgainMs(series: readonly RecurringTask[], now: number): number | false {
  const nexts = series.flatMap(({ status, next_occurrence_at: at }) =>
    at === null || status === "paused" ? [] : [Date.parse(at)],
  );
  if (nexts.length === 0) return false;
  const waitMs = Math.min(...nexts) + madeMs - now;
  return waitMs > 0 ? Math.min(Math.max(waitMs, 1_000), longestMs) : minuteMs;
}

export function useSeries(taskId: string) {
  return useQuery({
    queryKey: seriesKeys.one(taskId),
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/tasks/recurring/{task_id}", {
          params: { path: { task_id: taskId } },
          signal,
        }),
      ),
  });
}

interface Creation {
  readonly series: NewRecurringTask;
  /** The same for each try of the same form, so that a repeated try makes no second series. */
  readonly key: string;
}

export function useCreateSeries() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ series, key }: Creation) =>
      answer(
        api.POST("/api/tasks/recurring", {
          body: series,
          params: { header: { "Idempotency-Key": key } },
        }),
      ),
    onSuccess: ({ task }) => showToast({ kind: "good", text: `“${task.title}” recurs now.` }),
    onSettled: () => refreshSeries(queries),
  });
}

interface Change {
  readonly series: RecurringTask;
  readonly patch: RecurringTaskPatch;
}

/** Changes a series if it is still as it was read; else fails with 412. */
export function useChangeSeries() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ series: { task_id, task }, patch }: Change) =>
      answer(
        api.PATCH("/api/tasks/recurring/{task_id}", {
          params: { path: { task_id }, header: { "If-Match": `"${task.version}"` } },
          body: patch,
          headers: { "content-type": "application/merge-patch+json" },
        }),
      ),
    onSettled: () => refreshSeries(queries),
  });
}

export function readSeries(task_id: string): Promise<RecurringTask> {
  return answer(api.GET("/api/tasks/recurring/{task_id}", { params: { path: { task_id } } }));
}

/** Pauses a series or lets it go on, whatever else of it changed meanwhile. */
export function useSetPaused() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ series, paused }: { series: RecurringTask; paused: boolean }) =>
      answer(
        api.PATCH("/api/tasks/recurring/{task_id}", {
          params: { path: { task_id: series.task_id } },
          body: { status: paused ? "paused" : "active" },
          headers: { "content-type": "application/merge-patch+json" },
        }),
      ),
    onError: (error, { series, paused }) => {
      const undone = paused ? "is not paused" : "does not go on";
      showToast({ kind: "bad", text: `“${series.task.title}” ${undone}. ${messageOf(error)}` });
    },
    onSettled: () => refreshSeries(queries),
  });
}

export function useCancelSeries() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ task_id }: RecurringTask) =>
      succeed(api.DELETE("/api/tasks/recurring/{task_id}", { params: { path: { task_id } } })),
    onSuccess: (_, { task }) =>
      showToast({ kind: "good", text: `“${task.title}” recurs no more.` }),
    onSettled: () => refreshSeries(queries),
  });
}
