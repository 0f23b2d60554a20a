/** A recurring task as it stands in a form, and the way between the form, the API and the engine. */

import type {
  NewRecurringTask,
  Priority,
  RecurringTask,
  RecurringTaskPatch,
} from "../../../lib/api/types.ts";
import type { Series } from "../../../lib/recurrence/engine.ts";
import { addDays, civilTime } from "../../../lib/time/zone.ts";
import { hasEnd, patternOf, ruleOf, weekdayOf, type Pattern } from "./pattern.ts";

export interface SeriesDraft extends Pattern {
  readonly title: string;
  readonly priority: Priority;
  readonly tags: readonly string[];
  /** The start: `2026-12-01` and `09:00` on the clocks of `zone`. */
  readonly date: string;
  readonly time: string;
  readonly zone: string;
  readonly end: RecurringTask["recurrence_end_type"];
  /** For `end: "count"`, as it is typed. */
  readonly count: string;
  /** For `end: "until"`: the last day. */
  readonly until: string;
  /** How long before each one a reminder comes; `null` for none. */
  readonly reminderMinutes: number | null;
  readonly onMissed: RecurringTask["on_missed"];
  readonly overlap: RecurringTask["overlap"];
  readonly gap: RecurringTask["gap"];
}

const usualTime = "09:00";

/** What the form begins with: weekly, from the next 09:00 on. */
export function newDraft(now: Date, zone: string): SeriesDraft {
  const today = civilTime(now, zone);
  const date = today.time < usualTime ? today.date : addDays(today.date, 1);
  return {
    title: "",
    priority: "Medium",
    tags: [],
    preset: "weekly",
    interval: "1",
    weekdays: [weekdayOf(date)],
    custom: "",
    date,
    time: usualTime,
    zone,
    end: "never",
    count: "10",
    until: addDays(date, 90),
    reminderMinutes: null,
    onMissed: "latest",
    overlap: "create",
    gap: "shift",
  };
}

export function draftOf(series: RecurringTask): SeriesDraft {
  const zone = series.timezone_iana;
  const date = series.starts_at.slice(0, 10);
  const last = series.recurrence_end_date;
  return {
    ...patternOf(series.rrule, date),
    title: series.task.title,
    priority: series.task.priority,
    tags: series.task.tags,
    date,
    time: series.starts_at.slice(11, 16),
    zone,
    end: series.recurrence_end_type,
    count: String(series.recurrence_max_count ?? 10),
    until: last === null ? addDays(date, 90) : civilTime(new Date(last), zone).date,
    reminderMinutes: series.reminder_minutes_before,
    onMissed: series.on_missed,
    overlap: series.overlap,
    gap: series.gap,
  };
}

export function newSeriesOf(draft: SeriesDraft): NewRecurringTask {
  return {
    title: draft.title.trim(),
    priority: draft.priority,
    tags: [...draft.tags],
    rrule: ruleOf(draft, draft.date),
    timezone_iana: draft.zone,
    starts_at: startOf(draft),
    reminder_minutes_before: draft.reminderMinutes,
    on_missed: draft.onMissed,
    overlap: draft.overlap,
    gap: draft.gap,
    ...endOf(draft),
  };
}

/** Whether both make the same series. */
export function isSame(one: SeriesDraft, other: SeriesDraft): boolean {
  return JSON.stringify(newSeriesOf(one)) === JSON.stringify(newSeriesOf(other));
}

/** Only what the form changes, so that an untouched field keeps what it is, to the second. */
export function patchOf(series: RecurringTask, draft: SeriesDraft): RecurringTaskPatch {
  const before = new Map(Object.entries(newSeriesOf(draftOf(series))));
  const changed = Object.entries(newSeriesOf(draft)).filter(
    ([field, value]) => JSON.stringify(value) !== JSON.stringify(before.get(field)),
  );
  return Object.fromEntries(changed);
}

/** The series of the draft as the engine takes it; `series` adds the dates that the form does not show. */
export function engineSeriesOf(draft: SeriesDraft, series: RecurringTask | null): Series {
  return {
    rrule: ruleOf(draft, draft.date) + ruleEndOf(draft),
    zone: draft.zone,
    start: { tag: "at", val: startOf(draft) },
    gap: draft.gap,
    exdates: series?.exdates ?? [],
    rdates: series?.rdates ?? [],
  };
}

/** Whether the rule says its end itself, so that the form does not. */
export function saysItsEnd(draft: SeriesDraft): boolean {
  return draft.preset === "custom" && hasEnd(draft.custom);
}

function startOf({ date, time }: SeriesDraft): string {
  return `${date}T${time}:00`;
}

function endOf(draft: SeriesDraft): Partial<NewRecurringTask> {
  if (saysItsEnd(draft)) return {};
  switch (draft.end) {
    case "never":
      return { recurrence_end_type: "never" };
    case "count":
      return { recurrence_end_type: "count", recurrence_max_count: Number(draft.count) };
    case "until":
      return { recurrence_end_type: "until", recurrence_end_date: draft.until };
  }
}

function ruleEndOf(draft: SeriesDraft): string {
  if (saysItsEnd(draft) || draft.end === "never") return "";
  return draft.end === "count"
    ? `;COUNT=${draft.count}`
    : `;UNTIL=${draft.until.replaceAll("-", "")}`;
}
