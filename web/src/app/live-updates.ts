import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo } from "react";

import type { LiveEvent } from "../features/live/api/events.ts";
import type { LiveStatus } from "../features/live/api/stream.ts";
import { useLive } from "../features/live/api/use-live.ts";
import { announce } from "../features/notifications/api/announce.ts";
import { refreshNotifications } from "../features/notifications/api/cache.ts";
import { onReadElsewhere } from "../features/notifications/api/tabs.ts";
import { refreshSeries } from "../features/recurring/api/cache.ts";
import { refreshReminders } from "../features/reminders/api/cache.ts";
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
        void refreshReminders(queries);
        void refreshNotifications(queries);
      }, pauseMs),
    [queries],
  );
  useEffect(() => refresh.cancel, [refresh]);
  useEffect(() => onReadElsewhere(() => void refreshNotifications(queries)), [queries]);
  const take = useCallback(
    (event: LiveEvent) => {
      if (event.name === "notification.created") announce(queries, event.notification);
      refresh.call();
    },
    [queries, refresh],
  );
  return useLive(take, refresh.call);
}
