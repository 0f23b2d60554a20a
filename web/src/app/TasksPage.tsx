import { useCallback, useMemo } from "react";

import { Failure } from "../components/Notice.tsx";
import { Reminders } from "../features/reminders/components/Reminders.tsx";
import { useTags } from "../features/tags/api/tags.ts";
import {
  filtersFromQuery,
  queryFromFilters,
  type TaskFilters,
} from "../features/tasks/api/filters.ts";
import { TasksView } from "../features/tasks/components/TasksView.tsx";
import type { Task } from "../lib/api/types.ts";
import { goTo } from "../lib/location.ts";
import { openTask, withoutOpenTask } from "../lib/place.ts";
import { PageTitle } from "./PageTitle.tsx";

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
  const opened = address.searchParams.get(openTask);
  const closeOpened = () => goTo(withoutOpenTask(address), "replace");
  return (
    <>
      <PageTitle view="Tasks" />
      <h1 className="unseen">Tasks</h1>
      {tags.isError && (
        <Failure
          doing="The tags could not be loaded."
          error={tags.error}
          onRetry={() => void tags.refetch()}
        />
      )}
      <TasksView
        filters={filters}
        tags={tags.data ?? []}
        onFilter={show}
        opened={opened}
        onCloseOpened={closeOpened}
        remindersOf={remindersOf}
      />
    </>
  );
}

function remindersOf({ id, due_at, status }: Task) {
  const about = { taskId: id, instanceId: null };
  const dueAt = due_at === null ? null : new Date(due_at);
  return <Reminders about={about} dueAt={dueAt} isDone={status === "completed"} />;
}
