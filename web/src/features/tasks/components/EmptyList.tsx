import { Icon } from "../../../components/Icon.tsx";
import { isNarrowed, noFilters, type TaskFilters } from "../api/filters.ts";
import styles from "./EmptyList.module.css";

interface EmptyListProps {
  readonly filters: TaskFilters;
  readonly onChange: (filters: TaskFilters) => void;
}

/** Says why there is nothing, and what to do about it. */
export function EmptyList({ filters, onChange }: EmptyListProps) {
  const narrowed = isNarrowed(filters);
  return (
    <div className={`card ${styles.empty ?? ""}`}>
      <span className={styles.picture}>
        <Icon name={narrowed ? "search" : "check"} />
      </span>
      <h2>{narrowed ? "No task is like that" : "Nothing to do"}</h2>
      <p>
        {narrowed
          ? "Take a filter off, or search for fewer words."
          : "Write a first task above, such as “Water the plants”, give it a priority and a tag, and press Enter."}
      </p>
      {narrowed ? (
        <button type="button" className="button" onClick={() => onChange(noFilters)}>
          Clear filters
        </button>
      ) : (
        <button
          type="button"
          className="button"
          onClick={() => onChange({ ...noFilters, view: "completed" })}
        >
          See what is done
        </button>
      )}
    </div>
  );
}
