import { useState } from "react";

import { Dialog } from "../../../components/Dialog.tsx";
import { isStale, Merged, Stale } from "../../../components/Stale.tsx";
import { useDraft } from "../../../components/use-draft.ts";
import type { RecurringTask } from "../../../lib/api/types.ts";
import { draftOf, patchOf } from "../api/draft.ts";
import { readSeries, useChangeSeries } from "../api/series.ts";
import { draftParts } from "./names.ts";
import { SeriesForm } from "./SeriesForm.tsx";

interface EditSeriesProps {
  readonly series: RecurringTask;
  readonly knownTags: readonly string[];
  readonly onClose: () => void;
}

/** A series in a dialog. What somebody else changed meanwhile is never overwritten unseen. */
export function EditSeries({ series: opened, knownTags, onClose }: EditSeriesProps) {
  const [series, setSeries] = useState(opened);
  const { draft, change, takeNewest, merged } = useDraft(draftParts, () => draftOf(series));
  const update = useChangeSeries();
  const isLate = isStale(update.error);
  const patch = patchOf(series, draft);
  const isUnsaved = Object.keys(patch).length > 0;
  const submit = () => {
    if (isUnsaved) update.mutate({ series, patch }, { onSuccess: onClose });
    else onClose();
  };
  const goOnFrom = (newest: RecurringTask) => {
    takeNewest(draftOf(series), draftOf(newest));
    setSeries(newest);
    update.reset();
  };
  return (
    <Dialog
      title="Edit recurring task"
      isUnsaved={isUnsaved}
      isSaving={update.isPending}
      onClose={onClose}
    >
      <div className="stack">
        {merged && <Merged key={series.task.version} what="series" merged={merged} />}
        <SeriesForm
          draft={draft}
          series={series}
          knownTags={knownTags}
          isPending={update.isPending}
          error={isLate ? null : update.error}
          onChange={change}
          onSubmit={submit}
          onClose={onClose}
        />
        {isLate && (
          <Stale what="series" read={() => readSeries(series.task_id)} onNewest={goOnFrom} />
        )}
      </div>
    </Dialog>
  );
}
