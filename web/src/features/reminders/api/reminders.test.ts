import { expect, test } from "vitest";

import type { Reminder } from "../../../lib/api/types.ts";
import { sorted } from "./reminders.ts";

const reminder = (id: string, part: Partial<Reminder> = {}): Reminder => ({
  id,
  task_id: "t",
  task_instance_id: null,
  reminder_type: "in_app",
  scheduled_for: `2026-10-0${id}T08:00:00Z`,
  minutes_before: null,
  status: "pending",
  cancel_reason: null,
  error_message: null,
  sent_at: null,
  created_at: "2026-09-01T00:00:00Z",
  ...part,
});

test("what waits comes with the next one first, what is over with the latest first", () => {
  const { waiting, ended } = sorted([
    reminder("3", { status: "sent" }),
    reminder("6"),
    reminder("4", { status: "failed" }),
    reminder("5"),
  ]);
  expect(waiting.map(({ id }) => id)).toEqual(["5", "6"]);
  expect(ended.map(({ id }) => id)).toEqual(["4", "3"]);
});

test("what somebody took off, and what only moved with its series, is not worth a line", () => {
  const cancelled = (id: string, cancel_reason: Reminder["cancel_reason"]) =>
    reminder(id, { status: "cancelled", cancel_reason });
  const { ended } = sorted([
    cancelled("1", "user"),
    cancelled("2", "rescheduled"),
    cancelled("3", "done"),
  ]);
  expect(ended.map(({ id }) => id)).toEqual(["3"]);
});
