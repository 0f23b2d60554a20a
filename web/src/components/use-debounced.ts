import { useEffect, useState } from "react";

interface Debounced {
  readonly value: string;
  /** What of a text counts: the value that it stands for. */
  readonly read: (text: string) => string;
  readonly commit: (value: string) => void;
  readonly pauseMs: number;
}

/**
 * What somebody types: at once for the box, and its value handed on by `commit` when they pause. The box keeps the text as it
 * was typed, until `value` becomes something that the text does not stand for.
 */
export function useDebounced({
  value,
  read,
  commit,
  pauseMs,
}: Debounced): readonly [string, (text: string) => void] {
  const [text, setText] = useState(value);
  const [last, setLast] = useState(value);
  if (value !== last) {
    setLast(value);
    if (read(text) !== value) setText(value);
  }
  const typed = read(text);
  useEffect(() => {
    if (typed === value) return;
    const timer = setTimeout(() => commit(typed), pauseMs);
    return () => clearTimeout(timer);
  }, [typed, value, commit, pauseMs]);
  return [text, setText];
}
