import { describe, expect, test } from "vitest";

import type { RecurringTask } from "../../../lib/api/types.ts";
import { draftOf, engineSeriesOf, newDraft, newSeriesOf, patchOf } from "./draft.ts";

const series: RecurringTask = {
  id: "018f0000-0000-7000-8000-000000000001",
  task_id: "018f0000-0000-7000-8000-000000000002",
  series_id: "018f0000-0000-7000-8000-000000000003",
  rrule: "FREQ=WEEKLY;BYDAY=FR",
  timezone_iana: "America/New_York",
  starts_at: "2026-11-27T14:00:30",
  recurrence_end_type: "until",
  recurrence_max_count: null,
  recurrence_end_date: "2027-01-01T04:59:59Z",
  gap: "shift",
  reminder_minutes_before: null,
  on_missed: "latest",
  overlap: "create",
  exdates: ["2026-12-25T14:00:30"],
  rdates: [],
  status: "active",
  next_occurrence_at: "2026-11-27T19:00:30Z",
  current_instance_index: 0,
  total_occurrences_executed: 0,
  summary: "Every week on Friday at 14:00",
  created_at: "2026-11-21T08:00:00Z",
  updated_at: "2026-11-21T08:00:00Z",
  task: {
    id: "018f0000-0000-7000-8000-000000000002",
    title: "Prepare the deck",
    description: null,
    status: "pending",
    priority: "High",
    tags: ["work"],
    due_at: null,
    completed_at: null,
    series_id: "018f0000-0000-7000-8000-000000000003",
    created_at: "2026-11-21T08:00:00Z",
    updated_at: "2026-11-21T08:00:00Z",
    version: 1,
  },
};

describe("a new series", () => {
  test("begins tomorrow if it is past nine in the zone", () => {
    const now = new Date("2026-11-21T08:30:00Z");
    expect(newDraft(now, "Europe/Berlin")).toMatchObject({ date: "2026-11-22", time: "09:00" });
    expect(newDraft(now, "Europe/London")).toMatchObject({ date: "2026-11-21", time: "09:00" });
  });

  test("says only the end that is chosen", () => {
    const draft = { ...newDraft(new Date(), "UTC"), title: " Rent " };
    expect(newSeriesOf(draft)).toMatchObject({ title: "Rent", recurrence_end_type: "never" });
    const counted = newSeriesOf({ ...draft, end: "count", count: "4" });
    expect(counted).toMatchObject({ recurrence_end_type: "count", recurrence_max_count: 4 });
    expect(counted).not.toHaveProperty("recurrence_end_date");
  });

  test("leaves the end to a rule that says it", () => {
    const draft = newDraft(new Date(), "UTC");
    const made = newSeriesOf({ ...draft, preset: "custom", custom: "FREQ=DAILY;COUNT=2" });
    expect(made).not.toHaveProperty("recurrence_end_type");
  });
});

describe("a series in a form", () => {
  test("shows its last day on the clocks of its zone", () => {
    expect(draftOf(series)).toMatchObject({ end: "until", until: "2026-12-31", time: "14:00" });
  });

  test("nothing changed is an empty patch, although the form has no seconds", () => {
    expect(patchOf(series, draftOf(series))).toEqual({});
  });

  test("only what changed is sent", () => {
    const draft = { ...draftOf(series), interval: "2", priority: "Low" } as const;
    expect(patchOf(series, draft)).toEqual({
      rrule: "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR",
      priority: "Low",
    });
  });

  test("is asked of the engine with its end and the dates that the form does not show", () => {
    expect(engineSeriesOf(draftOf(series), series)).toEqual({
      rrule: "FREQ=WEEKLY;BYDAY=FR;UNTIL=20261231",
      zone: "America/New_York",
      start: { tag: "at", val: "2026-11-27T14:00:00" },
      gap: "shift",
      exdates: ["2026-12-25T14:00:30"],
      rdates: [],
    });
  });
});
