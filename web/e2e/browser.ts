/** A real browser, looking at a running Rondo at BASE_URL. */

import axe from "axe-core";
import {
  chromium,
  type Browser,
  type BrowserContext,
  type Page,
  type Response,
} from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect } from "vitest";

export const baseUrl = process.env.RONDO_URL ?? "http://127.0.0.1:3000";

/** The one that the tests of a file share. */
export let browser: Browser;
beforeAll(async () => {
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
});
/** A page that stays open goes on asking for what is new, and takes the time of the tests after it. */
afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
});
afterAll(() => browser.close());

export interface Device {
  readonly width: number;
  readonly height: number;
  readonly colorScheme?: "light" | "dark";
}

const desktop: Device = { width: 1100, height: 850 };

const looks: Record<string, Device> = {
  "on a desk": desktop,
  "on a desk in the dark": { ...desktop, colorScheme: "dark" },
  "on a phone 360 px wide": { width: 360, height: 720 },
};

/** The same tests in each look that the page has: `name` goes on with which it is. */
export function eachLook(name: string, tests: (device: Device) => void): void {
  describe.each(Object.entries(looks))(`${name} %s`, (_, device) => tests(device));
}

export interface Person {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly email: string;
  /** What the page got when it registered. */
  readonly accessToken: string;
}

export const password = "correct horse battery";

/** Somebody new, who has just made an account in a browser of their own, in Berlin. */
export async function newPerson(browser: Browser, device: Device = desktop): Promise<Person> {
  const context = await newContext(browser, device);
  const page = await context.newPage();
  const email = `e2e-${crypto.randomUUID()}@example.org`;
  await page.goto("/register");
  await page.getByLabel("Name").fill("Ada");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  const reply = await letIn(page, "Create account");
  const { access_token: accessToken } = (await reply.json()) as { access_token: string };
  await page.getByRole("heading", { name: "Nothing to do" }).waitFor();
  return { page, context, email, accessToken };
}

/** Clicks what lets somebody in; again if there were too many who wanted in at that moment. */
export async function letIn(page: Page, button: string): Promise<Response> {
  for (;;) {
    const [reply] = await Promise.all([
      page.waitForResponse((one) => /\/api\/auth\/(?:register|login)$/.test(one.url())),
      page.getByRole("button", { name: button }).click(),
    ]);
    if (reply.status() !== 429) return reply;
  }
}

export function newContext(browser: Browser, device: Device = desktop): Promise<BrowserContext> {
  const { width, height, colorScheme = "light" } = device;
  return browser.newContext({
    baseURL: baseUrl,
    viewport: { width, height },
    colorScheme,
    timezoneId: "Europe/Berlin",
    locale: "en-GB",
    reducedMotion: "reduce",
  });
}

/** Another program of the same person, which talks to the API. */
export function elsewhere({ page, accessToken }: Person) {
  const send = async (method: string, type: string, path: string, data: object) => {
    const headers = { authorization: `Bearer ${accessToken}`, "content-type": type };
    const reply = await page.request.fetch(path, { method, headers, data });
    expect(reply.status(), await reply.text()).toBeLessThan(300);
    return (await reply.json()) as Made;
  };
  return {
    post: (path: string, data: object) => send("POST", "application/json", path, data),
    patch: (path: string, data: object) =>
      send("PATCH", "application/merge-patch+json", path, data),
  };
}

interface Made {
  readonly id: string;
  /** Of a series: its template, and when it comes next. */
  readonly task_id: string;
  readonly next_occurrence_at: string;
}

/** Makes a daily series whose first time is seconds away: moved on if that was past before the service had made it. */
export async function comingSoon(person: Person, title: string, more: object = {}): Promise<void> {
  const { post, patch } = elsewhere(person);
  const path = "/api/tasks/recurring";
  const rule = { title, rrule: "FREQ=DAILY", timezone_iana: "UTC", ...more };
  let starts_at = fromNow(5).slice(0, 19);
  let series = await post(path, { ...rule, starts_at });
  for (let seconds = 10; !series.next_occurrence_at.startsWith(starts_at); seconds *= 2) {
    starts_at = fromNow(seconds).slice(0, 19);
    series = await patch(`${path}/${series.task_id}`, { starts_at });
  }
}

/** A time as the API takes it. */
export const fromNow = (seconds: number): string =>
  new Date(Date.now() + seconds * 1000).toISOString();

export async function add(page: Page, title: string): Promise<void> {
  await page.getByLabel("New task").fill(title);
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await row(page, title).waitFor();
}

/** The line of a task in the list. */
export function row(page: Page, title: string) {
  return page
    .getByRole("list", { name: "Tasks" })
    .locator(":scope > li")
    .filter({ has: page.getByRole("button", { name: title, exact: true }) });
}

const axeTags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** What is shown can be used by everybody, and all of it is in sight. */
export async function expectAccessibleAndFitting(page: Page): Promise<void> {
  await expectAccessible(page);
  await expectNoSidewaysScroll(page);
}

/** No rule of WCAG 2.2 A and AA that axe knows is broken. There are no frames, so it runs in the page itself. */
export async function expectAccessible(page: Page): Promise<void> {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe.source);
  const found = await page.evaluate(async (tags) => {
    // What changes its looks is judged by how it looks afterwards.
    await Promise.allSettled(document.getAnimations().map(({ finished }) => finished));
    const inPage = window as unknown as { axe: typeof axe };
    const { violations } = await inPage.axe.run({ runOnly: tags, resultTypes: ["violations"] });
    return violations.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.html} ${node.failureSummary ?? ""}`),
    );
  }, axeTags);
  expect(found).toEqual([]);
}

async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow).toBe(0);
}
