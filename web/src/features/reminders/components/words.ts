/** Reminders in words. */

import type { Reminder } from "../../../lib/api/types.ts";
import { beforeWords, dueWords } from "../../../lib/time/words.ts";

/** When it is set to, and why then: "Today 16:50", "10 minutes before". */
export function whenWords(
  { scheduled_for, minutes_before }: Reminder,
  now: Date,
  zone: string,
): { readonly time: string; readonly why: string | null } {
  return {
    time: dueWords(new Date(scheduled_for), now, zone),
    why: minutes_before === null ? null : beforeWords(minutes_before),
  };
}

const reasons: Record<NonNullable<Reminder["cancel_reason"]>, string> = {
  user: "you took it off",
  done: "it was done by then",
  no_due_time: "there is no due time any more",
  skipped: "this time was left out",
  rescheduled: "the series moved",
};

/** What has become of it; `isDone` says whether what it reminds of is done. */
export function stateWords(reminder: Reminder, now: Date, zone: string, isDone: boolean): string {
  switch (reminder.status) {
    case "pending":
      return isDone ? "Does not come: it is done" : "Waiting";
    case "sent":
      return reminder.sent_at === null
        ? "Sent"
        : `Sent ${dueWords(new Date(reminder.sent_at), now, zone)}`;
    case "cancelled":
      return reminder.cancel_reason === null
        ? "Called off"
        : `Called off: ${reasons[reminder.cancel_reason]}`;
    case "failed":
      return `Failed: ${reminder.error_message ?? "no reason was given"}`;
  }
}
