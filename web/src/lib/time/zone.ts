/** Civil time in a named zone, by the browser's own zone data. */

/** A date and a time of day without a zone: `2026-12-01` and `09:00`. */
export interface CivilTime {
  readonly date: string;
  readonly time: string;
}

const minuteMs = 60_000;
const dayMs = 86_400_000;

export function browserZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** The zones that the browser knows, and the one in use if it is not among them. */
export function zonesWith(current: string): readonly string[] {
  return [...new Set([...Intl.supportedValuesOf("timeZone"), "UTC", current])].sort();
}

export function civilTime(instant: Date, zone: string): CivilTime {
  const parts = partsOf(instant, zone);
  return {
    date: `${parts.year}-${parts.month}-${parts.day}`,
    time: `${parts.hour}:${parts.minute}`,
  };
}

/**
 * The instant at which clocks in `zone` show `civil`. A time that clocks skip (spring) is moved on by the gap; of one
 * that comes twice (autumn) the first is meant. `null` if it is no time at all.
 */
export function instantOf(civil: CivilTime, zone: string): Date | null {
  const wanted = Date.parse(`${civil.date}T${civil.time}Z`);
  if (Number.isNaN(wanted)) return null;
  const before = wanted - offsetAt(wanted - dayMs, zone);
  const after = wanted - offsetAt(wanted + dayMs, zone);
  const matches = [before, after].filter((instant) => instant + offsetAt(instant, zone) === wanted);
  return new Date(matches.length > 0 ? Math.min(...matches) : before);
}

/** The start of the day that lies `days` after the one of `instant` in `zone`. */
export function startOfDay(instant: Date, zone: string, days = 0): Date {
  const date = addDays(civilTime(instant, zone).date, days);
  return instantOf({ date, time: "00:00" }, zone) ?? instant;
}

export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00Z`) + days * dayMs).toISOString().slice(0, 10);
}

export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00Z`) - Date.parse(`${from}T00:00Z`)) / dayMs);
}

function offsetAt(instantMs: number, zone: string): number {
  const { date, time } = civilTime(new Date(instantMs), zone);
  return Date.parse(`${date}T${time}Z`) - Math.floor(instantMs / minuteMs) * minuteMs;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function partsOf(
  instant: Date,
  zone: string,
): Record<"year" | "month" | "day" | "hour" | "minute", string> {
  const parts = { year: "", month: "", day: "", hour: "", minute: "" };
  for (const { type, value } of formatFor(zone).formatToParts(instant)) {
    if (type in parts) parts[type as keyof typeof parts] = value;
  }
  return { ...parts, year: parts.year.padStart(4, "0") };
}

function formatFor(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    calendar: "iso8601",
    numberingSystem: "latn",
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  });
  formats.set(zone, format);
  return format;
}
