import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef } from "react";

import { ApiError } from "../lib/api/problem.ts";
import { Failure, Notice } from "./Notice.tsx";
import type { Merge } from "./use-draft.ts";

/** Whether a change was refused because somebody else was faster. */
export function isStale(error: Error | null): boolean {
  return error instanceof ApiError && error.status === 412;
}

interface StaleProps<T> {
  /** What it is, in a sentence: "task". */
  readonly what: string;
  readonly read: () => Promise<T>;
  readonly onNewest: (newest: T) => void;
}

/** Says that somebody else was faster, and offers to go on from there; where a dialog is longer than the screen, in sight. */
export function Stale<T>({ what, read, onNewest }: StaleProps<T>) {
  const load = useMutation({ mutationFn: read, onSuccess: onNewest });
  const notice = useRef<HTMLDivElement>(null);
  useEffect(() => {
    notice.current?.scrollIntoView({ block: "nearest" });
  }, []);
  return (
    <div ref={notice} className="stack">
      <Notice
        kind="bad"
        action={
          <button
            type="button"
            className="button"
            disabled={load.isPending}
            onClick={() => load.mutate()}
          >
            {load.isPending ? "Loading…" : "Load the newest"}
          </button>
        }
      >
        <strong>Your change was not saved:</strong> the {what} was changed elsewhere since you
        opened it. What you wrote stays when you load the newest.
      </Notice>
      {load.isError && <Failure doing="The newest could not be loaded." error={load.error} />}
    </div>
  );
}

interface MergedProps {
  readonly what: string;
  readonly merged: Merge;
}

/** Says that the form now goes on from the newest, and shows either side of what was changed on both. It takes the focus. */
export function Merged({ what, merged: { conflicts, shown, swap } }: MergedProps) {
  const notice = useRef<HTMLDivElement>(null);
  useEffect(() => notice.current?.focus(), []);
  const other = shown === "yours" ? "theirs" : "yours";
  return (
    <div ref={notice} tabIndex={-1}>
      <Notice
        kind="info"
        action={
          conflicts.length > 0 && (
            <button type="button" className="button" onClick={swap}>
              Show {other}
            </button>
          )
        }
      >
        This is the {what} as it is now, with what you changed. It is not saved yet.
        {conflicts.length > 0 && (
          <p>
            <strong>Changed elsewhere, too: {conflicts.join(", ")}.</strong>{" "}
            {shown === "yours"
              ? "You see what you wrote; saving replaces what is there."
              : "You see what is there; saving leaves out what you wrote."}
          </p>
        )}
      </Notice>
    </div>
  );
}
