import { describe, expect, test } from "vitest";

import { beforeWords, dueWords, timeWords, weekdayWords } from "./words.ts";

const now = new Date("2026-10-01T12:00:00Z");
const words = (due: string, zone = "UTC") => dueWords(new Date(due), now, zone);

describe("due times in words", () => {
  test("days around now have names", () => {
    expect(words("2026-10-01T17:00:00Z")).toBe("Today 17:00");
    expect(words("2026-10-02T09:30:00Z")).toBe("Tomorrow 09:30");
    expect(words("2026-09-30T08:00:00Z")).toBe("Yesterday 08:00");
  });

  test("a due time at the end of its day is only the day", () => {
    expect(words("2026-10-02T23:59:00Z")).toBe("Tomorrow");
  });

  test("other days are weekday and date, with the year when it is another", () => {
    expect(words("2026-10-03T23:59:00Z")).toBe("Sat 3 Oct");
    expect(words("2027-01-04T09:00:00Z")).toBe("Mon 4 Jan 2027 09:00");
  });

  test("the day is that of the zone, not of UTC", () => {
    expect(words("2026-10-01T22:30:00Z", "Europe/Berlin")).toBe("Tomorrow 00:30");
    expect(words("2026-10-02T03:00:00Z", "America/Los_Angeles")).toBe("Today 20:00");
  });

  test("a moment is told with its year", () => {
    expect(timeWords(new Date("2026-10-01T22:30:00Z"), "Europe/Berlin")).toBe("2 Oct 2026 00:30");
  });
});

test.each([
  [0, "At the due time"],
  [1, "1 minute before"],
  [10, "10 minutes before"],
  [60, "1 hour before"],
  [90, "90 minutes before"],
  [1440, "1 day before"],
  [20_160, "2 weeks before"],
])("%i minutes before are told in the largest unit that fits", (minutes, words) => {
  expect(beforeWords(minutes)).toBe(words);
});

test("one moment is named by the weekday of whichever clocks are meant", () => {
  const at = new Date("2026-11-22T01:44:00Z");
  expect(weekdayWords(at, "Europe/Berlin")).toBe("Sun 02:44");
  expect(weekdayWords(at, "America/New_York")).toBe("Sat 20:44");
});
