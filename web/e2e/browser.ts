/** A real browser, looking at a running Rondo at BASE_URL. */

import AxeBuilder from "@axe-core/playwright";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import { afterAll, beforeAll, expect } from "vitest";

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
afterAll(() => browser.close());

interface Device {
  readonly width: number;
  readonly height: number;
  readonly colorScheme?: "light" | "dark";
}

export const desktop: Device = { width: 1100, height: 850 };
export const phone: Device = { width: 360, height: 720 };

export interface Person {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly email: string;
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
  await page.getByRole("button", { name: "Create account" }).click();
  await page.getByRole("heading", { name: "Nothing to do" }).waitFor();
  return { page, context, email };
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

/** Another program of the same person: it signs in by itself, and posts to the API. */
export async function elsewhere({ page, email }: Person) {
  const login = await page.request.post("/api/auth/login", { data: { email, password } });
  const { access_token } = (await login.json()) as { access_token: string };
  return async (path: string, data: object): Promise<{ id: string }> => {
    const headers = { authorization: `Bearer ${access_token}` };
    const reply = await page.request.post(path, { headers, data });
    expect(reply.status(), await reply.text()).toBeLessThan(300);
    return (await reply.json()) as { id: string };
  };
}

/** A time as the API takes it. */
export const fromNow = (seconds: number): string =>
  new Date(Date.now() + seconds * 1000).toISOString();

export async function add(page: Page, title: string): Promise<void> {
  await page.getByLabel("New task").fill(title);
  await page.keyboard.press("Enter");
  await row(page, title).waitFor();
}

/** The line of a task in the list. */
export function row(page: Page, title: string) {
  return page
    .getByRole("list", { name: "Tasks" })
    .locator(":scope > li")
    .filter({ has: page.getByRole("button", { name: title, exact: true }) });
}

/** No rule of WCAG 2.2 A and AA that axe knows is broken. */
export async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
    .analyze();
  const found = violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.html} ${node.failureSummary ?? ""}`),
  );
  expect(found).toEqual([]);
}

export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow).toBe(0);
}
