import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { answer, api, succeed } from "../../../lib/api/client.ts";
import { tagsKey, tasksKey } from "../../../lib/api/keys.ts";
import type { Tag } from "../../../lib/api/types.ts";

export function useTags() {
  return useQuery({
    queryKey: tagsKey,
    queryFn: ({ signal }) => answer(api.GET("/api/tags", { signal })),
  });
}

interface Renaming {
  readonly tag: Tag;
  readonly name: string;
}

/** Renames a tag on all its tasks; to the name of another, the two become one. */
export function useRenameTag() {
  return useTagChange(({ tag, name }: Renaming) =>
    answer(api.PATCH("/api/tags/{id}", { params: { path: { id: tag.id } }, body: { name } })),
  );
}

/** Takes a tag off all its tasks. */
export function useDeleteTag() {
  return useTagChange((tag: Tag) =>
    succeed(api.DELETE("/api/tags/{id}", { params: { path: { id: tag.id } } })),
  );
}

function useTagChange<V, R>(change: (variables: V) => Promise<R>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: tagsKey }),
        queries.invalidateQueries({ queryKey: tasksKey }),
      ]),
  });
}
