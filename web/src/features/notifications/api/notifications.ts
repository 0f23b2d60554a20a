import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";

import { answer, api, succeed } from "../../../lib/api/client.ts";
import { nextPage, onceEach } from "../../../lib/api/pages.ts";
import type { Notification } from "../../../lib/api/types.ts";
import { notificationsKey, refreshNotifications, showAsRead } from "./cache.ts";
import { tellOtherTabs } from "./tabs.ts";

const pageSize = 20;

/** The notifications, the newest first, page by page; and how many of all are unread. */
export function useNotifications() {
  return useInfiniteQuery({
    queryKey: notificationsKey,
    queryFn: ({ pageParam, signal }) =>
      answer(
        api.GET("/api/notifications", {
          params: { query: { page: pageParam, page_size: pageSize } },
          signal,
        }),
      ),
    initialPageParam: 1,
    // What was read on another device is nowhere told of.
    refetchOnWindowFocus: "always",
    getNextPageParam: nextPage,
    select: ({ pages }) => ({
      notifications: onceEach(pages.map((page) => page.notifications)),
      unread: pages.at(-1)?.unread ?? 0,
    }),
  });
}

export function useUnread(): number {
  return useNotifications().data?.unread ?? 0;
}

/** Marks notifications as read: shown at once, and as it truly is afterwards. */
export function useMarkRead() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id }: Notification) => markRead(id),
    onMutate: ({ id }) => showAsRead(queries, (one) => one.id === id),
    onSettled: () => refreshNotifications(queries),
  });
}

export function useMarkAllRead() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: markAllRead,
    onMutate: () => showAsRead(queries, () => true),
    onSettled: () => refreshNotifications(queries),
  });
}

/** Marks one as read, here and in the other tabs. */
export async function markRead(id: string): Promise<void> {
  await succeed(api.POST("/api/notifications/{id}/read", { params: { path: { id } } }));
  tellOtherTabs();
}

async function markAllRead(): Promise<void> {
  await succeed(api.POST("/api/notifications/read-all"));
  tellOtherTabs();
}
