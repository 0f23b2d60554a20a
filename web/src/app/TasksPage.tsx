import { useCallback, useMemo } from "react";

import { Failure } from "../components/Notice.tsx";
import { useTags } from "../features/tags/api/tags.ts";
import {
  filtersFromQuery,
  queryFromFilters,
  type TaskFilters,
} from "../features/tasks/api/filters.ts";
import { TasksView } from "../features/tasks/components/TasksView.tsx";
import { goTo } from "../lib/location.ts";

/** The tasks; what is shown of them is in the address. */
export function TasksPage({ address }: { readonly address: URL }) {
  const tags = useTags();
  const filters = useMemo(
    () => filtersFromQuery(new URLSearchParams(address.search)),
    [address.search],
  );
  const show = useCallback((next: TaskFilters) => {
    const query = queryFromFilters(next).toString();
    goTo(query === "" ? "/" : `/?${query}`, "replace");
  }, []);
  return (
    <>
      <title>Tasks · Rondo</title>
      <h1 className="unseen">Tasks</h1>
      {tags.isError && (
        <Failure
          doing="The tags could not be loaded."
          error={tags.error}
          onRetry={() => void tags.refetch()}
        />
      )}
      <TasksView filters={filters} tags={tags.data ?? []} onFilter={show} />
    </>
  );
}
