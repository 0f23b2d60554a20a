import { beforeAll, describe, expect, test } from "vitest";

import { loadEngine, instantOf, type Engine, type Series } from "./engine.ts";
import { serveEngine } from "./served.ts";

let engine: Engine;
beforeAll(async () => {
  serveEngine();
  engine = await loadEngine();
});

const series: Series = {
  rrule: "FREQ=DAILY;BYHOUR=2;BYMINUTE=30",
  zone: "America/New_York",
  start: { tag: "at", val: "2027-03-13T00:00:00" },
  gap: "shift",
  exdates: [],
  rdates: [],
};

describe("the engine on the page", () => {
  test("says what the clocks do to an occurrence, as the service does", () => {
    const outlook = engine.preview(series, null, 3);
    expect(outlook).toMatchObject({
      ok: true,
      value: {
        summary: "Every day at 02:30",
        occurrences: [
          { local: "2027-03-13T02:30:00" },
          {
            local: "2027-03-14T03:30:00",
            note: expect.stringContaining("02:30 does not exist") as string,
          },
          { local: "2027-03-15T02:30:00" },
        ],
      },
    });
  });

  test("goes on from a time", () => {
    const after = new Date("2030-01-01T07:30:00Z");
    const outlook = engine.preview(series, after, 1);
    const next = BigInt(Date.parse("2030-01-02T07:30:00Z") / 1000);
    expect(outlook).toMatchObject({ value: { occurrences: [{ at: next }] } });
  });

  test("begins with the minute of now where no start is given", () => {
    const start = { tag: "made-at", val: instantOf(new Date("2027-01-01T12:34:56Z")) } as const;
    expect(engine.validate({ ...series, start, rrule: "FREQ=HOURLY" })).toMatchObject({
      value: { startsAt: "2027-01-01T07:34:00", end: { tag: "never" } },
    });
  });

  test("names the part of a rule that is at fault", () => {
    const answer = engine.summarize("FREQ=WEEKLY;BYDAY=2MO");
    expect(answer).toMatchObject({ ok: false, fault: { part: "BYDAY" } });
  });
});
