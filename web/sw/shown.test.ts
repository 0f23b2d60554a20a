import { describe, expect, test } from "vitest";

import { shownOf } from "./shown.ts";

const message = {
  notification_id: "018f0000-0000-7000-8000-000000000001",
  title: "Pay rent",
  body: "Due today 18:00",
  task_id: "018f0000-0000-7000-8000-000000000002",
  task_instance_id: null,
};

describe("a push message", () => {
  test("shows the notification, and leads to its task", () => {
    expect(shownOf(JSON.stringify(message))).toEqual({
      title: "Pay rent",
      body: "Due today 18:00",
      tag: message.notification_id,
      place: `/?task=${message.task_id}`,
    });
  });

  test("about one time of a series leads to the series", () => {
    const { place } = shownOf(JSON.stringify({ ...message, task_instance_id: "i" }));
    expect(place).toBe(`/recurring?task=${message.task_id}`);
  });

  test("about a task that is gone leads to the page", () => {
    expect(shownOf(JSON.stringify({ ...message, task_id: null })).place).toBe("/");
  });

  test.each([undefined, "", "not json", "null", "[1]", '{"title":1}'])(
    "that can't be read shows that there is something: %s",
    (unreadable) => {
      expect(shownOf(unreadable)).toEqual({
        title: "Rondo",
        body: "There is a reminder for you.",
        tag: "rondo",
        place: "/",
      });
    },
  );
});
