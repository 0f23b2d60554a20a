/** Times in words, as somebody in a zone would say them: `Today 17:00`, `Tomorrow`, `Fri 3 Oct`. */

import { civilTime, daysBetween } from "./zone.ts";

/** A due time without a time of day is the last minute of its day; words leave it out. */
export const endOfDay = "23:59";

const nearDays: ReadonlyMap<number, string> = new Map([
  [-1, "Yesterday"],
  [0, "Today"],
  [1, "Tomorrow"],
]);

export function dueWords(due: Date, now: Date, zone: string): string {
  const { date, time } = civilTime(due, zone);
  const day =
    nearDays.get(daysBetween(civilTime(now, zone).date, date)) ?? dayWords(due, now, zone);
  return time === endOfDay ? day : `${day} ${time}`;
}

/** A day and a time of the past or the future, for a tooltip or a list of facts. */
export function timeWords(instant: Date, zone: string): string {
  const { date, time } = civilTime(instant, zone);
  return `${named(date, { day: "numeric", month: "short", year: "numeric" })} ${time}`;
}

/** A time of the days around now, the same for everybody: what is today on one's own clocks may be tomorrow on others. */
export function weekdayWords(instant: Date, zone: string): string {
  const { date, time } = civilTime(instant, zone);
  return `${named(date, { weekday: "short" })} ${time}`;
}

/** So long before something is due: "At the due time", "10 minutes before", "1 day before". */
export function beforeWords(minutes: number): string {
  if (minutes === 0) return "At the due time";
  const [size, unit] = units.find(([size]) => minutes % size === 0) ?? [1, "minute"];
  const count = minutes / size;
  return `${count} ${unit}${count === 1 ? "" : "s"} before`;
}

const units = [
  [7 * 24 * 60, "week"],
  [24 * 60, "day"],
  [60, "hour"],
  [1, "minute"],
] as const;

function dayWords(due: Date, now: Date, zone: string): string {
  const date = civilTime(due, zone).date;
  const sameYear = date.slice(0, 4) === civilTime(now, zone).date.slice(0, 4);
  return named(date, {
    weekday: "short",
    day: "numeric",
    month: "short",
    ...(sameYear ? {} : { year: "numeric" }),
  });
}

function named(date: string, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat("en-GB", { ...options, timeZone: "UTC" })
    .format(new Date(`${date}T00:00Z`))
    .replaceAll(",", "");
}
