import { useState } from "react";

import { Dialog } from "../../../components/Dialog.tsx";
import { newKey } from "../../../lib/key.ts";
import { useZone } from "../../../lib/time/zone-context.ts";
import { isSame, newDraft, newSeriesOf, type SeriesDraft } from "../api/draft.ts";
import { useCreateSeries } from "../api/series.ts";
import { SeriesForm } from "./SeriesForm.tsx";

interface AddSeriesProps {
  readonly knownTags: readonly string[];
  readonly onClose: () => void;
}

export function AddSeries({ knownTags, onClose }: AddSeriesProps) {
  const zone = useZone();
  const create = useCreateSeries();
  const [empty] = useState(() => newDraft(new Date(), zone));
  const [draft, setDraft] = useState(empty);
  const [key, setKey] = useState(newKey);
  const change = (part: Partial<SeriesDraft>) => {
    setDraft({ ...draft, ...part });
    setKey(newKey());
  };
  return (
    <Dialog
      title="New recurring task"
      isUnsaved={!isSame(draft, empty)}
      isSaving={create.isPending}
      onClose={onClose}
    >
      <SeriesForm
        draft={draft}
        series={null}
        knownTags={knownTags}
        isPending={create.isPending}
        error={create.error}
        onChange={change}
        onSubmit={() => create.mutate({ series: newSeriesOf(draft), key }, { onSuccess: onClose })}
        onClose={onClose}
      />
    </Dialog>
  );
}
