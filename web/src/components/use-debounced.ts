import { useEffect, useState } from "react";

/** What somebody types: at once for the box, and handed on by `commit` when they pause. */
export function useDebounced(
  value: string,
  commit: (value: string) => void,
  pauseMs: number,
): readonly [string, (value: string) => void] {
  const [draft, setDraft] = useState<string | null>(null);
  useEffect(() => {
    if (draft === null) return;
    const timer = setTimeout(() => {
      setDraft(null);
      commit(draft);
    }, pauseMs);
    return () => clearTimeout(timer);
  }, [draft, commit, pauseMs]);
  return [draft ?? value, setDraft];
}
