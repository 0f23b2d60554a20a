import type { QueryClient } from "@tanstack/react-query";

export const seriesKeys = {
  all: ["recurring"],
  list: (part: string) => ["recurring", "list", part],
  one: (taskId: string) => ["recurring", "one", taskId],
  instances: (taskId: string) => ["recurring", "instances", taskId],
} as const;

/** Reads anew what shows series and their instances. */
export async function refreshSeries(queries: QueryClient): Promise<void> {
  await queries.invalidateQueries({ queryKey: seriesKeys.all });
}
