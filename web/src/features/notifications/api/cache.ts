/** What the query cache knows of notifications. */

import type { InfiniteData, QueryClient } from "@tanstack/react-query";

import type { Notification, NotificationPage } from "../../../lib/api/types.ts";

export const notificationsKey = ["notifications"] as const;

type Pages = InfiniteData<NotificationPage, number>;

/** Shows notifications as read before the service has said so: those that `isMeant` picks. */
export function showAsRead(
  queries: QueryClient,
  isMeant: (notification: Notification) => boolean,
): void {
  queries.setQueryData<Pages>(notificationsKey, (pages) => pages && withRead(pages, isMeant));
}

function withRead(list: Pages, isMeant: (notification: Notification) => boolean): Pages {
  const unread = (of: readonly NotificationPage[]) =>
    of.flatMap((page) => page.notifications).filter(({ status }) => status === "unread").length;
  const pages = list.pages.map((page) => ({
    ...page,
    notifications: page.notifications.map((one) =>
      isMeant(one) ? { ...one, status: "read" as const } : one,
    ),
  }));
  const fewer = unread(list.pages) - unread(pages);
  return { ...list, pages: pages.map((page) => ({ ...page, unread: page.unread - fewer })) };
}

/** Reads anew what shows notifications or counts them. */
export async function refreshNotifications(queries: QueryClient): Promise<void> {
  await queries.invalidateQueries({ queryKey: notificationsKey });
}
