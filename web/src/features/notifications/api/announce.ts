import type { QueryClient } from "@tanstack/react-query";

import { showToast } from "../../../components/toasts.ts";
import type { Notification } from "../../../lib/api/types.ts";
import { goTo } from "../../../lib/location.ts";
import { placeOf } from "../../../lib/place.ts";
import { refreshNotifications, showAsRead } from "./cache.ts";
import { markRead } from "./notifications.ts";
import { showPanel } from "./panel.ts";

/** Tells of a notification that has just come, wherever in the page somebody is. */
export function announce(queries: QueryClient, notification: Notification): void {
  const { id, title, body } = notification;
  const place = placeOf(notification);
  const open = (to: string) => {
    goTo(to);
    showAsRead(queries, (one) => one.id === id);
    void markRead(id).finally(() => refreshNotifications(queries));
  };
  showToast({
    kind: "news",
    text: body === "" ? title : `${title}: ${body}`,
    showAll: () => {
      showPanel();
      void refreshNotifications(queries);
    },
    action: place === null ? undefined : { label: "Open", run: () => open(place), leadsAway: true },
  });
}
