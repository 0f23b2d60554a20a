import { useState, type ReactNode } from "react";

import { LoadMore } from "../../../components/LoadMore.tsx";
import { Failure } from "../../../components/Notice.tsx";
import type { Tag, Task } from "../../../lib/api/types.ts";
import type { TaskFilters } from "../api/filters.ts";
import { useTasks } from "../api/list-tasks.ts";
import { AddTask } from "./AddTask.tsx";
import { BulkBar } from "./BulkBar.tsx";
import { DeleteTask } from "./DeleteTask.tsx";
import { EditTask } from "./EditTask.tsx";
import { EmptyList } from "./EmptyList.tsx";
import { FilterBar } from "./FilterBar.tsx";
import { ListHead } from "./ListHead.tsx";
import { OpenTask } from "./OpenTask.tsx";
import { TaskList, TaskListSkeleton } from "./TaskList.tsx";
import { useSelection } from "./use-selection.ts";

interface TasksViewProps {
  readonly filters: TaskFilters;
  readonly tags: readonly Tag[];
  readonly onFilter: (filters: TaskFilters) => void;
  /** The id of a task that is open though nobody chose it in the list. */
  readonly opened: string | null;
  readonly onCloseOpened: () => void;
  readonly remindersOf: (task: Task) => ReactNode;
}

type Open = { readonly what: "edit" | "delete"; readonly task: Task } | null;

/** The tasks: adding, finding, and doing things with them. */
export function TasksView({ filters, tags, onFilter, ...props }: TasksViewProps) {
  const query = useTasks(filters);
  const tasks = query.data?.tasks ?? [];
  const selection = useSelection(tasks);
  const [open, setOpen] = useState<Open>(null);
  const knownTags = tags.map((tag) => tag.name);
  const editor = { knownTags, remindersOf: props.remindersOf };
  return (
    <div className="stack">
      <AddTask knownTags={knownTags} />
      <FilterBar filters={filters} tags={tags} onChange={onFilter} />
      <ListHead
        total={query.data?.total}
        isSelecting={selection.isActive}
        canSelect={tasks.length > 0}
        onSelect={selection.isActive ? selection.end : selection.begin}
      />
      {query.isError && (
        <Failure
          doing={query.data ? "The list may be old." : "The tasks could not be loaded."}
          error={query.error}
          onRetry={() => void query.refetch()}
        />
      )}
      {query.isPending && <TaskListSkeleton />}
      {query.data && tasks.length === 0 && <EmptyList filters={filters} onChange={onFilter} />}
      {tasks.length > 0 && (
        <TaskList
          tasks={tasks}
          selection={selection.isActive ? selection.ids : null}
          isOld={query.isPlaceholderData}
          onSelect={selection.set}
          onEdit={(task) => setOpen({ what: "edit", task })}
          onDelete={(task) => setOpen({ what: "delete", task })}
        />
      )}
      <LoadMore query={query} />
      {selection.isActive && (
        <BulkBar
          tasks={tasks.filter(({ id }) => selection.ids.has(id))}
          isAll={selection.isAll}
          knownTags={knownTags}
          onSelectAll={selection.all}
          onDone={selection.end}
        />
      )}
      {open?.what === "edit" && (
        <EditTask {...editor} task={open.task} onClose={() => setOpen(null)} />
      )}
      {open?.what === "delete" && <DeleteTask task={open.task} onClose={() => setOpen(null)} />}
      {props.opened !== null && (
        <OpenTask {...editor} key={props.opened} id={props.opened} onClose={props.onCloseOpened} />
      )}
    </div>
  );
}
