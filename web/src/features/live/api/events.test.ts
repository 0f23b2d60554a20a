import { expect, test } from "vitest";

import { readEvent } from "./events.ts";

test("an event about a task says which", () => {
  expect(readEvent("task.updated", '{"task_id":"a","task":{}}')).toEqual({
    name: "task.updated",
    taskId: "a",
  });
});

test.each(["recurring.scheduled", "recurring.cancelled"])("%s changes a series", (name) => {
  expect(readEvent(name, '{"task_id":"a","rrule":"FREQ=DAILY"}')).toEqual({ name, taskId: "a" });
});

test("a notification comes whole", () => {
  const notification = { id: "n", title: "Pay rent", body: "Due today" };
  const data = JSON.stringify({ task_id: "a", notification });
  expect(readEvent("notification.created", data)).toEqual({
    name: "notification.created",
    notification,
  });
});

test.each([
  ["notification.created", '{"task_id":"a"}'],
  ["notification.created", '{"notification":{"id":1,"title":"Pay rent"}}'],
  ["notification.created", "not json"],
  ["conversation.created", '{"task_id":"a"}'],
  [undefined, '{"task_id":"a"}'],
  ["task.updated", "not json"],
  ["task.updated", "null"],
  ["task.updated", '{"task_id":1}'],
])("what means nothing here is passed over: %s %s", (name, data) => {
  expect(readEvent(name, data)).toBeNull();
});
