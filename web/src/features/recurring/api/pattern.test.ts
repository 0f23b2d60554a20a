import { describe, expect, test } from "vitest";

import { hasEnd, nthOf, patternOf, presets, ruleOf, type Pattern } from "./pattern.ts";

/** A Tuesday, the 5th of its month. */
const date = "2027-03-30";
const pattern: Pattern = { preset: "daily", interval: "1", weekdays: ["FR", "MO"], custom: "" };

describe("a pattern", () => {
  test.each([
    ["daily", "FREQ=DAILY;INTERVAL=3"],
    ["weekdays", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"],
    ["weekly", "FREQ=WEEKLY;INTERVAL=3;BYDAY=MO,FR"],
    ["monthly-date", "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=30"],
    ["monthly-weekday", "FREQ=MONTHLY;INTERVAL=3;BYDAY=-1TU"],
    ["yearly", "FREQ=YEARLY;INTERVAL=3"],
  ] as const)("%s is a rule, and is found in it again", (preset, rule) => {
    expect(ruleOf({ ...pattern, preset, interval: "3" }, date)).toBe(rule);
    expect(patternOf(rule, date).preset).toBe(preset);
  });

  test("of no day of the week takes that of the start", () => {
    const rule = ruleOf({ ...pattern, preset: "weekly", weekdays: [] }, date);
    expect(rule).toBe("FREQ=WEEKLY;BYDAY=TU");
  });

  test("of one's own is taken as it is written", () => {
    const custom = " FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1 ";
    expect(ruleOf({ ...pattern, preset: "custom", custom }, date)).toBe(custom.trim());
  });
});

describe("a rule", () => {
  test("is the same whatever the order of its parts and days, and with what is the default", () => {
    const found = patternOf("byday=FR,MO;interval=1;freq=weekly", date);
    expect(found).toMatchObject({ preset: "weekly", interval: "1", weekdays: ["MO", "FR"] });
  });

  test.each([
    "FREQ=MONTHLY;BYMONTHDAY=15",
    "FREQ=DAILY;BYHOUR=9",
    "FREQ=WEEKLY;BYDAY=MO;COUNT=3",
    "FREQ=MINUTELY",
    "nonsense",
  ])("that no preset makes from this start is one's own: %s", (rule) => {
    expect(patternOf(rule, date)).toMatchObject({ preset: "custom", custom: rule });
  });

  test("may say its end itself", () => {
    expect(hasEnd("FREQ=DAILY;count=3")).toBe(true);
    expect(hasEnd("FREQ=DAILY;UNTIL=20270101")).toBe(true);
    expect(hasEnd("FREQ=DAILY")).toBe(false);
  });
});

test("the fifth of a weekday is the last, as not every month has a fifth", () => {
  expect(["01", "07", "08", "28", "29"].map((day) => nthOf(`2027-03-${day}`))).toEqual([
    1, 1, 2, 4, -1,
  ]);
});

test("every preset but one's own makes a rule without an end", () => {
  for (const preset of presets.filter((one) => one !== "custom")) {
    expect(hasEnd(ruleOf({ ...pattern, preset }, date))).toBe(false);
  }
});
