import { describe, expect, test } from "vitest";

import { civilTime, instantOf, startOfDay } from "./zone.ts";

const utc = (date: string, time: string, zone: string) =>
  instantOf({ date, time }, zone)?.toISOString();

describe("civil time in a zone", () => {
  test("an instant reads as what clocks in the zone show", () => {
    const instant = new Date("2026-12-31T23:30:00Z");
    expect(civilTime(instant, "Asia/Kolkata")).toEqual({ date: "2027-01-01", time: "05:00" });
    expect(civilTime(instant, "America/New_York")).toEqual({ date: "2026-12-31", time: "18:30" });
  });

  test("midnight is 00:00, not 24:00", () => {
    expect(civilTime(new Date("2026-06-01T00:00:00Z"), "UTC").time).toBe("00:00");
  });

  test("a civil time becomes its instant on either side of the change of clocks", () => {
    expect(utc("2026-07-01", "09:00", "Europe/Berlin")).toBe("2026-07-01T07:00:00.000Z");
    expect(utc("2026-12-01", "09:00", "Europe/Berlin")).toBe("2026-12-01T08:00:00.000Z");
  });

  test("a time that clocks skip moves on by the gap", () => {
    expect(utc("2027-03-28", "02:30", "Europe/Berlin")).toBe("2027-03-28T01:30:00.000Z");
    expect(utc("2027-03-14", "02:30", "America/New_York")).toBe("2027-03-14T07:30:00.000Z");
  });

  test("of a time that comes twice the first is meant", () => {
    expect(utc("2026-10-25", "02:30", "Europe/Berlin")).toBe("2026-10-25T00:30:00.000Z");
    expect(utc("2026-11-01", "01:30", "America/New_York")).toBe("2026-11-01T05:30:00.000Z");
  });

  test("what is no date has no instant", () => {
    expect(utc("", "09:00", "UTC")).toBeUndefined();
  });

  test("a day starts at midnight of its zone, also on the day after a change of clocks", () => {
    const evening = new Date("2026-10-24T20:00:00Z");
    expect(startOfDay(evening, "Europe/Berlin").toISOString()).toBe("2026-10-23T22:00:00.000Z");
    expect(startOfDay(evening, "Europe/Berlin", 2).toISOString()).toBe("2026-10-25T23:00:00.000Z");
  });
});
