import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { answer, api, succeed } from "../../../lib/api/client.ts";
import type { Reminder } from "../../../lib/api/types.ts";
import { newKey } from "../../../lib/key.ts";
import { refreshReminders, reminderKeys } from "./cache.ts";

/** What is reminded of: a task, or one time of a series. */
export interface About {
  /** The task; of a series, its template. */
  readonly taskId: string;
  /** Which time of the series; `null` for the task itself. */
  readonly instanceId: string | null;
}

/** At a time of its own, or so long before the due time, which the reminder then follows. */
export type When = { readonly scheduled_for: string } | { readonly minutes_before: number };

/** More than may wait about one thing. */
const pageSize = 100;
const over = ["sent", "failed", "cancelled"] as const;

/** The reminders about a task: those that wait, and what came of others. About one time of a series: those that wait. */
export function useReminders({ taskId, instanceId }: About) {
  return useQuery({
    queryKey: reminderKeys.about(taskId, instanceId),
    queryFn: async ({ signal }) => {
      const statuses = instanceId === null ? [["pending"] as const, over] : [["pending"] as const];
      const pages = await Promise.all(
        statuses.map((status) => {
          const query = { task_id: taskId, status: [...status], page_size: pageSize };
          return answer(api.GET("/api/reminders", { params: { query }, signal }));
        }),
      );
      return pages.flatMap(({ reminders }) => reminders);
    },
    select: (reminders) => sorted(reminders.filter((one) => one.task_instance_id === instanceId)),
  });
}

/** What waits, the next one first; and what came of others, the latest first, but for what somebody took off. */
export function sorted(reminders: readonly Reminder[]) {
  const at = ({ scheduled_for }: Reminder) => Date.parse(scheduled_for);
  const waiting = reminders.filter(({ status }) => status === "pending");
  const ended = reminders.filter(
    ({ status, cancel_reason: reason }) =>
      status !== "pending" && reason !== "user" && reason !== "rescheduled",
  );
  return {
    waiting: waiting.sort((a, b) => at(a) - at(b)),
    ended: ended.sort((a, b) => at(b) - at(a)),
  };
}

export function useAddReminder(about: About) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (when: When) =>
      answer(
        api.POST("/api/reminders", {
          body: {
            ...(about.instanceId === null
              ? { task_id: about.taskId }
              : { task_instance_id: about.instanceId }),
            ...when,
          },
          params: { header: { "Idempotency-Key": newKey() } },
        }),
      ),
    onSettled: () => refreshReminders(queries),
  });
}

export function useRemoveReminder() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      succeed(api.DELETE("/api/reminders/{id}", { params: { path: { id } } })),
    onSettled: () => refreshReminders(queries),
  });
}
