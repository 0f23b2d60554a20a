import { useCallback } from "react";

import { Icon } from "../../../components/Icon.tsx";
import { Segments } from "../../../components/Segments.tsx";
import { useDebounced } from "../../../components/use-debounced.ts";
import type { Tag } from "../../../lib/api/types.ts";
import { priorities } from "../../../lib/priorities.ts";
import {
  dueRanges,
  isNarrowed,
  noFilters,
  sortOf,
  sorts,
  views,
  type TaskFilters,
} from "../api/filters.ts";
import { Choice } from "./Choice.tsx";
import styles from "./FilterBar.module.css";
import { dueNames, sortNames, viewNames } from "./names.ts";
import { TagChips } from "./TagChips.tsx";

interface FilterBarProps {
  readonly filters: TaskFilters;
  readonly tags: readonly Tag[];
  readonly onChange: (filters: TaskFilters) => void;
}

/** Which tasks, in which order. */
export function FilterBar({ filters, tags, onChange }: FilterBarProps) {
  const change = (part: Partial<TaskFilters>) => onChange({ ...filters, ...part });
  const shownSorts = sorts.filter((sort) => sort !== "relevance" || filters.search !== "");
  return (
    <section className={styles.bar} aria-label="Filter">
      <div className={styles.row}>
        <SearchBox filters={filters} onChange={onChange} />
        <Segments
          label="Status"
          values={views}
          names={viewNames}
          value={filters.view}
          onChange={(view) => change({ view })}
        />
      </div>
      <div className={styles.row}>
        <Choice
          label="Priority"
          none="Any priority"
          names={{ High: "High", Medium: "Medium", Low: "Low" }}
          values={priorities}
          value={filters.priority}
          onChange={(priority) => change({ priority })}
        />
        <Choice
          label="Due"
          none="Due any time"
          names={dueNames}
          values={dueRanges}
          value={filters.due}
          onChange={(due) => change({ due })}
        />
        <Choice
          label="Order"
          names={sortNames}
          values={shownSorts}
          value={sortOf(filters)}
          onChange={(sort) => change({ sort })}
        />
        {isNarrowed(filters) && (
          <button type="button" className="button quiet" onClick={() => onChange(noFilters)}>
            <Icon name="close" />
            Clear filters
          </button>
        )}
      </div>
      <TagChips tags={tags} chosen={filters.tags} onChange={(chosen) => change({ tags: chosen })} />
    </section>
  );
}

function SearchBox({ filters, onChange }: Omit<FilterBarProps, "tags">) {
  const commit = useCallback(
    (search: string) => onChange({ ...filters, search }),
    [filters, onChange],
  );
  const [text, setText] = useDebounced({ value: filters.search, read, commit, pauseMs: 250 });
  return (
    <div className={styles.search} role="search">
      <Icon name="search" />
      <input
        type="search"
        aria-label="Search"
        placeholder="Search titles and notes"
        maxLength={200}
        value={text}
        onChange={({ target }) => setText(target.value)}
      />
    </div>
  );
}

const read = (text: string) => text.trim();
