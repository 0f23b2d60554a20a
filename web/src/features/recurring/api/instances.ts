import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";

import { showToast } from "../../../components/toasts.ts";
import { answer, api } from "../../../lib/api/client.ts";
import { nextPage, onceEach } from "../../../lib/api/pages.ts";
import { messageOf } from "../../../lib/api/problem.ts";
import type { TaskInstance } from "../../../lib/api/types.ts";
import { seriesKeys } from "./cache.ts";

const pageSize = 10;

/** What was made of a series, the latest first. */
export function useInstances(taskId: string) {
  return useInfiniteQuery({
    queryKey: seriesKeys.instances(taskId),
    queryFn: ({ pageParam, signal }) =>
      answer(
        api.GET("/api/tasks/recurring/{task_id}/instances", {
          params: { path: { task_id: taskId }, query: { page: pageParam, page_size: pageSize } },
          signal,
        }),
      ),
    initialPageParam: 1,
    getNextPageParam: nextPage,
    select: ({ pages }) => onceEach(pages.map((page) => page.instances)),
  });
}

export type Settling = "complete" | "skip";

interface Settlement {
  readonly instance: TaskInstance;
  readonly how: Settling;
}

/** Completes or skips an instance of the series whose template is `taskId`. */
export function useSettle(taskId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ instance: { id }, how }: Settlement) => {
      const params = { path: { task_id: taskId, id } };
      return how === "complete"
        ? answer(api.POST("/api/tasks/recurring/{task_id}/instances/{id}/complete", { params }))
        : answer(api.POST("/api/tasks/recurring/{task_id}/instances/{id}/skip", { params }));
    },
    onError: (error, { how }) => {
      const undone = how === "complete" ? "not completed" : "not skipped";
      showToast({ kind: "bad", text: `It was ${undone}. ${messageOf(error)}` });
    },
    onSettled: () => queries.invalidateQueries({ queryKey: seriesKeys.instances(taskId) }),
  });
}
