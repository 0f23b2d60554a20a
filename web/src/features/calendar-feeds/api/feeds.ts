import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { answer, api, succeed } from "../../../lib/api/client.ts";
import type { components } from "../../../lib/api/schema.gen.ts";
import { newKey } from "../../../lib/key.ts";

export type CalendarFeed = components["schemas"]["CalendarFeed"];

const queryKey = ["calendar-feeds"];

export function useFeeds() {
  return useQuery({ queryKey, queryFn: () => answer(api.GET("/api/calendar-feeds")) });
}

/** Makes a feed; only this reply ever has its address. */
export function useCreateFeed() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async () => {
      const params = { header: { "Idempotency-Key": newKey() } };
      const { id, url } = await answer(api.POST("/api/calendar-feeds", { params }));
      return { id, address: whole(url) };
    },
    onSettled: () => queries.invalidateQueries({ queryKey }),
  });
}

/** The address with a host, also if the service was not told which one it is reached at. */
function whole(url: string): string {
  return new URL(url, location.origin).href;
}

export function useRevokeFeed() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      succeed(api.DELETE("/api/calendar-feeds/{id}", { params: { path: { id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey }),
  });
}
