/** What can be done from a notification about what it is about. */

import { useMutation, useQueryClient } from "@tanstack/react-query";

import { showToast } from "../../../components/toasts.ts";
import { answer, api, succeed } from "../../../lib/api/client.ts";
import type { Notification } from "../../../lib/api/types.ts";
import { dueWords } from "../../../lib/time/words.ts";
import { addDays, civilTime, instantOf } from "../../../lib/time/zone.ts";
import { useZone } from "../../../lib/time/zone-context.ts";
import { markRead } from "./notifications.ts";

export const snoozes = ["ten-minutes", "hour", "tomorrow"] as const;
export type Snooze = (typeof snoozes)[number];

/** For how long, as the API takes it; tomorrow is 09:00 on the clocks of `zone`. */
export function snoozeBody(
  snooze: Snooze,
  now: Date,
  zone: string,
): { minutes: number } | { until: string } {
  if (snooze === "ten-minutes") return { minutes: 10 };
  if (snooze === "hour") return { minutes: 60 };
  const tomorrow = { date: addDays(civilTime(now, zone).date, 1), time: "09:00" };
  return { until: (instantOf(tomorrow, zone) ?? now).toISOString() };
}

interface Snoozing {
  readonly notification: Notification;
  readonly reminderId: string;
  readonly snooze: Snooze;
}

/** Has the reminder come again; its notification is read. */
export function useSnooze() {
  const zone = useZone();
  const settle = useReadAfterwards();
  return useMutation({
    mutationFn: ({ reminderId: id, snooze }: Snoozing) =>
      answer(
        api.POST("/api/reminders/{id}/snooze", {
          params: { path: { id } },
          body: snoozeBody(snooze, new Date(), zone),
        }),
      ),
    onSuccess: ({ scheduled_for }, { notification }) => {
      const again = dueWords(new Date(scheduled_for), new Date(), zone);
      showToast({ kind: "good", text: `“${notification.title}” comes again: ${again}.` });
      return settle(notification);
    },
  });
}

interface Completion {
  readonly notification: Notification;
  readonly taskId: string;
}

/** Completes the task, or the one time of a series; the notification is read. */
export function useCompleteFrom() {
  const settle = useReadAfterwards();
  return useMutation({
    mutationFn: async ({ notification: { task_instance_id: instance }, taskId }: Completion) => {
      if (instance === null) {
        await succeed(api.POST("/api/tasks/{id}/complete", { params: { path: { id: taskId } } }));
      } else {
        const path = { task_id: taskId, id: instance };
        await succeed(
          api.POST("/api/tasks/recurring/{task_id}/instances/{id}/complete", { params: { path } }),
        );
      }
    },
    onSuccess: (_, { notification }) => {
      showToast({ kind: "good", text: `Completed “${notification.title}”.` });
      return settle(notification);
    },
  });
}

/**
 * The notification is read, and tasks, reminders and notifications are read anew. What was asked for is done all the same if the
 * notification can't be marked as read: that it is still unread is seen at it.
 */
function useReadAfterwards() {
  const queries = useQueryClient();
  return async ({ id, status }: Notification) => {
    if (status === "unread") await Promise.allSettled([markRead(id)]);
    await queries.invalidateQueries();
  };
}
