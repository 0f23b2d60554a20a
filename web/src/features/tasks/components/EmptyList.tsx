import { Empty } from "../../../components/Empty.tsx";
import { isNarrowed, noFilters, type TaskFilters } from "../api/filters.ts";

interface EmptyListProps {
  readonly filters: TaskFilters;
  readonly onChange: (filters: TaskFilters) => void;
}

/** Says why there is nothing, and what to do about it. */
export function EmptyList({ filters, onChange }: EmptyListProps) {
  const show = (shown: TaskFilters, words: string) => (
    <button type="button" className="button" onClick={() => onChange(shown)}>
      {words}
    </button>
  );
  return isNarrowed(filters) ? (
    <Empty
      icon="search"
      title="No task is like that"
      text="Take a filter off, or search for fewer words."
    >
      {show(noFilters, "Clear filters")}
    </Empty>
  ) : (
    <Empty
      icon="check"
      title="Nothing to do"
      text="Write a first task above, such as “Water the plants”, give it a priority and a tag, and press Enter."
    >
      {show({ ...noFilters, view: "completed" }, "See what is done")}
    </Empty>
  );
}
