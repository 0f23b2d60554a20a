import { useState } from "react";

import { Empty } from "../../../components/Empty.tsx";
import { Icon } from "../../../components/Icon.tsx";
import { LoadMore } from "../../../components/LoadMore.tsx";
import { Failure } from "../../../components/Notice.tsx";
import { Segments } from "../../../components/Segments.tsx";
import type { RecurringTask } from "../../../lib/api/types.ts";
import { useNow } from "../../../lib/time/use-now.ts";
import { parts, useSeriesList, type Part } from "../api/series.ts";
import { AddSeries } from "./AddSeries.tsx";
import { CancelSeries } from "./CancelSeries.tsx";
import { EditSeries } from "./EditSeries.tsx";
import type { RemindersOf } from "./Instances.tsx";
import { partNames } from "./names.ts";
import { OpenSeries } from "./OpenSeries.tsx";
import styles from "./RecurringView.module.css";
import { SeriesCard } from "./SeriesCard.tsx";

type Open =
  | { readonly what: "add" }
  | { readonly what: "edit" | "cancel"; readonly series: RecurringTask }
  | null;

interface RecurringViewProps {
  readonly knownTags: readonly string[];
  /** The template of a series whose times are open though nobody chose it in the list. */
  readonly opened: string | null;
  readonly onCloseOpened: () => void;
  readonly remindersOf: RemindersOf;
}

/** The recurring tasks: making, following and ending them. */
export function RecurringView({ knownTags, remindersOf, ...props }: RecurringViewProps) {
  const [part, setPart] = useState<Part>("going");
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  return (
    <div className="stack">
      <div className={styles.head}>
        <Segments
          label="Which ones"
          values={parts}
          names={partNames}
          value={part}
          onChange={setPart}
        />
        <button type="button" className="button primary" onClick={() => setOpen({ what: "add" })}>
          <Icon name="plus" />
          New recurring task
        </button>
      </div>
      <SeriesList
        part={part}
        remindersOf={remindersOf}
        onEdit={(series) => setOpen({ what: "edit", series })}
        onCancel={(series) => setOpen({ what: "cancel", series })}
      />
      {open?.what === "add" && <AddSeries knownTags={knownTags} onClose={close} />}
      {open?.what === "edit" && (
        <EditSeries series={open.series} knownTags={knownTags} onClose={close} />
      )}
      {open?.what === "cancel" && <CancelSeries series={open.series} onClose={close} />}
      {props.opened !== null && (
        <OpenSeries
          key={props.opened}
          taskId={props.opened}
          remindersOf={remindersOf}
          onClose={props.onCloseOpened}
        />
      )}
    </div>
  );
}

interface SeriesListProps {
  readonly part: Part;
  readonly remindersOf: RemindersOf;
  readonly onEdit: (series: RecurringTask) => void;
  readonly onCancel: (series: RecurringTask) => void;
}

function SeriesList({ part, remindersOf, onEdit, onCancel }: SeriesListProps) {
  const query = useSeriesList(part);
  const now = useNow();
  return (
    <>
      {query.isError && (
        <Failure
          doing={query.data ? "The list may be old." : "The recurring tasks could not be loaded."}
          error={query.error}
          onRetry={() => void query.refetch()}
        />
      )}
      {query.isPending && (
        <p className="soft" role="status">
          Loading the recurring tasks…
        </p>
      )}
      {query.data?.length === 0 && <Empty icon="repeat" {...emptyWords[part]} />}
      {query.data !== undefined && query.data.length > 0 && (
        <ul className="stack" aria-label="Recurring tasks" aria-busy={query.isPlaceholderData}>
          {query.data.map((series) => (
            <SeriesCard
              key={series.id}
              series={series}
              now={now}
              remindersOf={remindersOf}
              onEdit={() => onEdit(series)}
              onCancel={() => onCancel(series)}
            />
          ))}
        </ul>
      )}
      <LoadMore query={query} />
    </>
  );
}

const emptyWords: Record<Part, { readonly title: string; readonly text: string }> = {
  going: {
    title: "Nothing recurs yet",
    text: "Let Rondo remember what comes again: rent on the 1st, the bins every Tuesday, a birthday once a year.",
  },
  ended: {
    title: "Nothing has ended",
    text: "Series that have run out or that you ended are kept here, with all their times.",
  },
};
