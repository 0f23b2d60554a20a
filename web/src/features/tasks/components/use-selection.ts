import { useState } from "react";

import type { Task } from "../../../lib/api/types.ts";

/** The most tasks that one bulk change takes. */
const most = 100;

/** Which of the shown tasks are selected. What leaves the list leaves the selection. */
export function useSelection(tasks: readonly Task[]) {
  const [marked, setMarked] = useState<ReadonlySet<string> | null>(null);
  const shown = tasks.slice(0, most).map((task) => task.id);
  const ids = new Set(tasks.map((task) => task.id).filter((id) => marked?.has(id)));
  return {
    isActive: marked !== null,
    isAll: shown.length > 0 && shown.every((id) => ids.has(id)),
    ids,
    begin: () => setMarked(new Set()),
    end: () => setMarked(null),
    all: () => setMarked(new Set(shown)),
    set: (id: string, selected: boolean) => {
      const next = new Set(ids);
      if (selected) next.add(id);
      else next.delete(id);
      setMarked(next);
    },
  };
}
