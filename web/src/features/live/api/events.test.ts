import { expect, test } from "vitest";

import { readTaskEvent } from "./events.ts";

test("an event about a task says which", () => {
  expect(readTaskEvent("task.updated", '{"task_id":"a","task":{}}')).toEqual({
    name: "task.updated",
    taskId: "a",
  });
});

test.each([
  ["notification.created", '{"task_id":"a"}'],
  [undefined, '{"task_id":"a"}'],
  ["task.updated", "not json"],
  ["task.updated", "null"],
  ["task.updated", '{"task_id":1}'],
])("what says nothing about a task is passed over: %s %s", (name, data) => {
  expect(readTaskEvent(name, data)).toBeNull();
});
