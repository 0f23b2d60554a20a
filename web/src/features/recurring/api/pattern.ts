/** The rules that the form can make without a word of RFC 5545, and the way back from a rule to the form. */

export const weekdays = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"] as const;
export type Weekday = (typeof weekdays)[number];

export const presets = [
  "daily",
  "weekdays",
  "weekly",
  "monthly-date",
  "monthly-weekday",
  "yearly",
  "custom",
] as const;
export type Preset = (typeof presets)[number];

export interface Pattern {
  readonly preset: Preset;
  /** Every how many days, weeks, …, as it is typed. */
  readonly interval: string;
  /** For `weekly`. */
  readonly weekdays: readonly Weekday[];
  /** For `custom`: the text of the rule. */
  readonly custom: string;
}

/** Presets that come round every so many days, weeks, …, and what those are called. */
export const units: Partial<Record<Preset, string>> = {
  daily: "days",
  weekly: "weeks",
  "monthly-date": "months",
  "monthly-weekday": "months",
  yearly: "years",
};

/** The rule of a pattern that starts on `date`; its time of day is that of the start. */
export function ruleOf(pattern: Pattern, date: string): string {
  const { preset } = pattern;
  if (preset === "custom") return pattern.custom.trim();
  if (preset === "weekdays") return "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR";
  const every = Number(pattern.interval) > 1 ? `;INTERVAL=${pattern.interval}` : "";
  switch (preset) {
    case "daily":
      return `FREQ=DAILY${every}`;
    case "weekly": {
      const chosen = weekdays.filter((day) => pattern.weekdays.includes(day));
      const days = chosen.length === 0 ? [weekdayOf(date)] : chosen;
      return `FREQ=WEEKLY${every};BYDAY=${days.join(",")}`;
    }
    case "monthly-date":
      return `FREQ=MONTHLY${every};BYMONTHDAY=${dayOf(date)}`;
    case "monthly-weekday":
      return `FREQ=MONTHLY${every};BYDAY=${nthOf(date)}${weekdayOf(date)}`;
    case "yearly":
      return `FREQ=YEARLY${every}`;
  }
}

/** The pattern whose rule this is, `custom` if none of the others says the same. */
export function patternOf(rule: string, date: string): Pattern {
  const parts = partsOf(rule);
  const listed = parts.get("BYDAY")?.split(",") ?? [];
  const pattern = {
    interval: parts.get("INTERVAL") ?? "1",
    weekdays: weekdays.filter((day) => listed.includes(day)),
    custom: rule,
  };
  const same = presets.find(
    (preset) => preset !== "custom" && isSame(ruleOf({ ...pattern, preset }, date), rule),
  );
  return { ...pattern, preset: same ?? "custom" };
}

/** Whether the text says itself how it ends. */
export function hasEnd(rule: string): boolean {
  const parts = partsOf(rule);
  return parts.has("COUNT") || parts.has("UNTIL");
}

/** Which of its weekday in its month a day is, from 1; -1 for a fifth, which not every month has: the last. */
export function nthOf(date: string): number {
  const nth = Math.ceil(dayOf(date) / 7);
  return nth === 5 ? -1 : nth;
}

export function dayOf(date: string): number {
  return Number(date.slice(8, 10));
}

export function weekdayOf(date: string): Weekday {
  const sunday = new Date(`${date}T00:00Z`).getUTCDay();
  return weekdays[(sunday + 6) % 7] ?? "MO";
}

function isSame(a: string, b: string): boolean {
  return canonical(a) === canonical(b);
}

function canonical(rule: string): string {
  const parts = partsOf(rule);
  if (parts.get("INTERVAL") === "1") parts.delete("INTERVAL");
  const days = parts.get("BYDAY")?.split(",");
  if (days !== undefined) parts.set("BYDAY", days.sort().join(","));
  return [...parts]
    .map((part) => part.join("="))
    .sort()
    .join(";");
}

function partsOf(rule: string): Map<string, string> {
  const parts = rule
    .trim()
    .toUpperCase()
    .replace(/^RRULE:/, "")
    .split(";");
  return new Map(parts.map((part) => [part.split("=")[0] ?? "", part.split("=")[1] ?? ""]));
}
