import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";

import type { LiveStatus } from "../features/live/api/stream.ts";
import { useLive } from "../features/live/api/use-live.ts";
import { refreshSeries } from "../features/recurring/api/cache.ts";
import { refreshTasks } from "../features/tasks/api/cache.ts";
import { gathered } from "../lib/gathered.ts";

/** An import makes a thousand events at once; the list is read again at most this often. */
const pauseMs = 400;

/** Keeps what is shown in step with what happens elsewhere. */
export function useLiveUpdates(): LiveStatus {
  const queries = useQueryClient();
  const refresh = useMemo(
    () =>
      gathered(() => {
        void refreshTasks(queries);
        void refreshSeries(queries);
      }, pauseMs),
    [queries],
  );
  useEffect(() => refresh.cancel, [refresh]);
  return useLive(refresh.call, refresh.call);
}
