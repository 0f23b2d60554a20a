import { expect, test } from "vitest";

import { snoozeBody } from "./act.ts";

const evening = new Date("2026-10-24T20:30:00Z");

test("tomorrow is nine o'clock on the person's clocks, also when these change at night", () => {
  expect(snoozeBody("tomorrow", evening, "Europe/Berlin")).toEqual({
    until: "2026-10-25T08:00:00.000Z",
  });
  expect(snoozeBody("tomorrow", evening, "Asia/Tokyo")).toEqual({
    until: "2026-10-26T00:00:00.000Z",
  });
});

test("minutes are counted from when the service is asked", () => {
  expect(snoozeBody("ten-minutes", evening, "UTC")).toEqual({ minutes: 10 });
  expect(snoozeBody("hour", evening, "UTC")).toEqual({ minutes: 60 });
});
