import type { QueryClient } from "@tanstack/react-query";

export const reminderKeys = {
  all: ["reminders"],
  about: (taskId: string, instanceId: string | null) => ["reminders", taskId, instanceId],
} as const;

/** Reads anew what shows reminders. */
export async function refreshReminders(queries: QueryClient): Promise<void> {
  await queries.invalidateQueries({ queryKey: reminderKeys.all });
}
