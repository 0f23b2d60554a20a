import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";

interface Leaving {
  /** Whether something is written that would be lost. */
  readonly isUnsaved: boolean;
  /** Whether that is on its way: nobody leaves before it is known what became of it. */
  readonly isSaving: boolean;
  readonly onLeave: () => void;
}

/** How a form is left: at once, or after a question where something would be lost. The browser asks before the page is. */
export function useLeaving({ isUnsaved, isSaving, onLeave }: Leaving) {
  /** Where somebody was who wants to leave; `null` while nobody does. */
  const [from, setFrom] = useState<Element | null>(null);
  const isAsked = isUnsaved && !isSaving && from !== null;
  const isLost = useRef(isUnsaved);
  useLayoutEffect(() => {
    isLost.current = isUnsaved;
  });
  useStayOnPage(isUnsaved);
  const leave = () => {
    if (isSaving) return;
    const active = document.activeElement;
    // A field may keep what is typed to itself until it is left.
    flushSync(() => active instanceof HTMLElement && active.blur());
    if (isLost.current && !isAsked) setFrom(active);
    else onLeave();
  };
  /** Whoever writes on has answered the question. */
  const writeOn = () => setFrom(null);
  const keep = () => {
    if (from instanceof HTMLElement) from.focus();
    setFrom(null);
  };
  return { isAsked, leave, writeOn, keep };
}

function useStayOnPage(isWanted: boolean) {
  useEffect(() => {
    if (!isWanted) return;
    const stay = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", stay);
    return () => window.removeEventListener("beforeunload", stay);
  }, [isWanted]);
}
