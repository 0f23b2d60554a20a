/** What the values of the API and of the form are called on the page. */

import type { InstanceStatus, RecurringTask, SeriesStatus } from "../../../lib/api/types.ts";
import type { Parts } from "../../../lib/merge.ts";
import type { SeriesDraft } from "../api/draft.ts";
import { dayOf, nthOf, weekdayOf, type Preset, type Weekday } from "../api/pattern.ts";
import type { Part } from "../api/series.ts";

export const partNames: Record<Part, string> = { going: "Going on", ended: "Ended" };

export const seriesStatusNames: Record<SeriesStatus, string> = {
  pending: "Starting",
  active: "Active",
  paused: "Paused",
  completed: "Completed",
  cancelled: "Cancelled",
};

export const instanceStatusNames: Record<InstanceStatus, string> = {
  pending: "To do",
  completed: "Done",
  skipped: "Skipped",
  missed: "Missed",
};

export const weekdayNames: Record<Weekday, string> = {
  MO: "Monday",
  TU: "Tuesday",
  WE: "Wednesday",
  TH: "Thursday",
  FR: "Friday",
  SA: "Saturday",
  SU: "Sunday",
};

export const endNames: Record<SeriesDraft["end"], string> = {
  never: "Never",
  count: "After a number of times",
  until: "On a day",
};

export const onMissedNames: Record<RecurringTask["on_missed"], string> = {
  latest: "Make the latest one",
  all: "Make all of them",
  skip: "Make none",
};

export const overlapNames: Record<RecurringTask["overlap"], string> = {
  create: "Make another one",
  skip: "Leave it out",
};

export const gapNames: Record<RecurringTask["gap"], string> = {
  shift: "Make it that much later",
  skip: "Leave it out",
};

/** The rule depends on the day of the start, so they are one part. */
export const draftParts: Parts<SeriesDraft> = {
  Title: ["title"],
  Repeats: ["preset", "interval", "weekdays", "custom", "date", "time", "zone"],
  Ends: ["end", "count", "until"],
  "Remind me of each": ["reminderMinutes"],
  Priority: ["priority"],
  Tags: ["tags"],
  "If some were missed": ["onMissed"],
  "If the last one is still to be done": ["overlap"],
  "If the clocks skip its time": ["gap"],
};

/** The presets, where some depend on the day of the start: "Monthly on the 2nd Tuesday". */
export function presetName(preset: Preset, date: string): string {
  switch (preset) {
    case "daily":
      return "Daily";
    case "weekdays":
      return "Every weekday (Monday to Friday)";
    case "weekly":
      return "Weekly on chosen days";
    case "monthly-date":
      return `Monthly on the ${ordinal(dayOf(date))}`;
    case "monthly-weekday": {
      const nth = nthOf(date);
      return `Monthly on the ${nth < 0 ? "last" : ordinal(nth)} ${weekdayNames[weekdayOf(date)]}`;
    }
    case "yearly":
      return "Yearly";
    case "custom":
      return "A rule of my own (RRULE)…";
  }
}

function ordinal(number: number): string {
  const ending = { one: "st", two: "nd", few: "rd", other: "th", zero: "th", many: "th" };
  return `${number}${ending[new Intl.PluralRules("en", { type: "ordinal" }).select(number)]}`;
}
