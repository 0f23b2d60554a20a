import { useState } from "react";

import { Dialog } from "../../../components/Dialog.tsx";
import { Failure, Notice } from "../../../components/Notice.tsx";
import { ApiError } from "../../../lib/api/problem.ts";
import type { RecurringTask } from "../../../lib/api/types.ts";
import { draftOf, patchOf, type SeriesDraft } from "../api/draft.ts";
import { useChangeSeries, useReadSeries } from "../api/series.ts";
import { SeriesForm } from "./SeriesForm.tsx";

interface EditSeriesProps {
  readonly series: RecurringTask;
  readonly knownTags: readonly string[];
  readonly onClose: () => void;
}

/** A series in a dialog. What somebody else changed meanwhile is never overwritten unseen. */
export function EditSeries({ series: opened, knownTags, onClose }: EditSeriesProps) {
  const [series, setSeries] = useState(opened);
  const update = useChangeSeries();
  const isStale = update.error instanceof ApiError && update.error.status === 412;
  const submit = (draft: SeriesDraft) => {
    const patch = patchOf(series, draft);
    if (Object.keys(patch).length === 0) onClose();
    else update.mutate({ series, patch }, { onSuccess: onClose });
  };
  const reload = (newest: RecurringTask) => {
    setSeries(newest);
    update.reset();
  };
  return (
    <Dialog title="Edit recurring task" onClose={onClose}>
      <div className="stack">
        {isStale && <Stale taskId={series.task_id} onReload={reload} />}
        {series !== opened && (
          <Notice kind="info">This is the series as it is now. Make your change again.</Notice>
        )}
        <SeriesForm
          key={series.task.version}
          initial={draftOf(series)}
          series={series}
          knownTags={knownTags}
          isPending={update.isPending}
          error={isStale ? null : update.error}
          onSubmit={submit}
          onClose={onClose}
        />
      </div>
    </Dialog>
  );
}

interface StaleProps {
  readonly taskId: string;
  readonly onReload: (series: RecurringTask) => void;
}

function Stale({ taskId, onReload }: StaleProps) {
  const read = useReadSeries();
  const load = () => read.mutate(taskId, { onSuccess: onReload });
  return (
    <>
      <Notice
        kind="bad"
        action={
          <button type="button" className="button" disabled={read.isPending} onClick={load}>
            {read.isPending ? "Loading…" : "Load the newest"}
          </button>
        }
      >
        <strong>Your change was not saved:</strong> the series was changed elsewhere since you
        opened it.
      </Notice>
      {read.isError && <Failure doing="The newest could not be loaded." error={read.error} />}
    </>
  );
}
