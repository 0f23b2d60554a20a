import { QueryClient } from "@tanstack/react-query";

import { ApiError } from "../lib/api/problem.ts";

/**
 * What the page knows of the service. Trouble that passes is tried again; a "no" is not.
 *
 * What is asked for is asked at once, whatever the browser thinks of its network: Rondo may run on this very computer, and
 * if it can't be reached, that is an answer to show. Put off until the network is back, it would be neither done nor refused.
 */
export function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        networkMode: "always",
        refetchOnReconnect: true,
        staleTime: 10_000,
        retry: (failures, error) => failures < 2 && isPassing(error),
      },
      mutations: { networkMode: "always" },
    },
  });
}

function isPassing(error: Error): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status >= 500);
}
