import { queryOptions, useQuery } from "@tanstack/react-query";

import { answer, api } from "../api/client.ts";

/** The person who is signed in. */
export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: () => answer(api.GET("/api/auth/me")),
  staleTime: 5 * 60_000,
});

export function useMe() {
  return useQuery(meQuery);
}
