import { QueryClient } from "@tanstack/react-query";

import { ApiError } from "../lib/api/problem.ts";

/** What the page knows of the service. Trouble that passes is tried again; a "no" is not. */
export function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        retry: (failures, error) => failures < 2 && isPassing(error),
      },
    },
  });
}

function isPassing(error: Error): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status >= 500);
}
