import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { answer, api, succeed } from "../../../lib/api/client.ts";
import { newKey } from "../../../lib/key.ts";

const queryKey = ["tokens"];

export function useTokens() {
  return useQuery({ queryKey, queryFn: () => answer(api.GET("/api/auth/tokens")) });
}

/** Makes a token; only this reply ever has its secret. */
export function useCreateToken() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (name: string) =>
      answer(
        api.POST("/api/auth/tokens", {
          body: { name },
          params: { header: { "Idempotency-Key": newKey() } },
        }),
      ),
    onSettled: () => queries.invalidateQueries({ queryKey }),
  });
}

export function useDeleteToken() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      succeed(api.DELETE("/api/auth/tokens/{id}", { params: { path: { id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey }),
  });
}
