import { useEffect, useState } from "react";

import { authorizedFetch } from "../../../lib/session/authorized-fetch.ts";
import { readEvent, resetEvent, type LiveEvent } from "./events.ts";
import { LiveStream, type LiveStatus } from "./stream.ts";

/** Follows the stream while mounted. Both callbacks must keep their identity over renders. */
export function useLive(onEvent: (event: LiveEvent) => void, onGap: () => void): LiveStatus {
  const [status, setStatus] = useState<LiveStatus>("connecting");
  useEffect(() => {
    const stream = new LiveStream({
      open: openStream,
      onMessage: ({ event, data }) => {
        if (event === resetEvent) onGap();
        const read = readEvent(event, data);
        if (read !== null) onEvent(read);
      },
      onStatus: setStatus,
      onGap,
    });
    stream.start();
    return () => stream.stop();
  }, [onEvent, onGap]);
  return status;
}

function openStream(lastEventId: string | null, signal: AbortSignal): Promise<Response> {
  const headers = new Headers({ accept: "text/event-stream" });
  if (lastEventId !== null) headers.set("last-event-id", lastEventId);
  const url = new URL("/api/tasks/stream", location.origin);
  return authorizedFetch(new Request(url, { headers, signal, cache: "no-store" }));
}
