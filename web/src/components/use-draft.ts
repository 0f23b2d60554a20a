import { useState } from "react";

import { merge, partsOf, type Parts } from "../lib/merge.ts";

/** What was merged with the newest; of what both sides had changed, the form shows one. */
export interface Merge {
  /** The names of what both sides had changed. */
  readonly conflicts: readonly string[];
  readonly shown: "yours" | "theirs";
  readonly swap: () => void;
}

interface Sides<D> extends Omit<Merge, "swap"> {
  /** The conflicting fields of the side that is not shown. */
  readonly hidden: Partial<D>;
}

/** What is written in a form, which lasts when what it was opened with is replaced by the newest. */
export function useDraft<D extends object>(parts: Parts<D>, initial: () => D) {
  const [draft, setDraft] = useState(initial);
  const [sides, setSides] = useState<Sides<D> | null>(null);
  const change = (part: Partial<D>) => setDraft((written) => ({ ...written, ...part }));
  /** Goes on from `newest`, where the draft was made from `before`. */
  const takeNewest = (before: D, newest: D) => {
    const { draft: merged, conflicts } = merge(parts, { before, mine: draft, newest });
    setDraft(merged);
    setSides({ conflicts, shown: "yours", hidden: partsOf(parts, conflicts, newest) });
  };
  const swap = () => {
    if (sides === null) return;
    const shown = sides.shown === "yours" ? "theirs" : "yours";
    setSides({ ...sides, shown, hidden: partsOf(parts, sides.conflicts, draft) });
    change(sides.hidden);
  };
  const merged: Merge | null = sides && { ...sides, swap };
  return { draft, change, takeNewest, merged };
}
