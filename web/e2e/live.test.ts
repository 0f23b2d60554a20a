import type { BrowserContext, Page, Request } from "playwright-core";
import { expect, test } from "vitest";

import { add, browser, elsewhere, fromNow, newPerson, row } from "./browser.ts";

test("what one tab changes shows in the other without a reload", async () => {
  const { page, context } = await newPerson(browser);
  const other = await context.newPage();
  await other.goto("/");
  await other.getByText("Live", { exact: true }).waitFor();
  await add(page, "Seen at once");
  await row(other, "Seen at once").waitFor();
  await row(page, "Seen at once").getByRole("checkbox").click();
  await row(other, "Seen at once").waitFor({ state: "detached" });
});

test("what was missed without a connection shows when it is back", async () => {
  const { page, context } = await newPerson(browser);
  const other = await settledTab(context);
  await other.route("**/api/tasks/stream", (route) => route.abort());
  await other.evaluate(() => window.dispatchEvent(new Event("online")));
  await other.getByText("Reconnecting", { exact: true }).waitFor();
  await add(page, "Made meanwhile");
  expect(await row(other, "Made meanwhile").count()).toBe(0);
  await other.unroute("**/api/tasks/stream");
  await row(other, "Made meanwhile").waitFor();
});

test("a series that another program ends leaves those that go on, without a reload", async () => {
  const person = await newPerson(browser);
  const { page, accessToken } = person;
  const { task_id: id } = await elsewhere(person).post("/api/tasks/recurring", {
    title: "Feed the cat",
    rrule: "FREQ=DAILY",
    timezone_iana: "UTC",
    starts_at: fromNow(86_400).slice(0, 19),
  });
  await page.getByText("Live", { exact: true }).waitFor();
  await page.getByRole("link", { name: "Recurring" }).click();
  const card = page.getByRole("heading", { name: "Feed the cat" });
  await card.waitFor();
  const headers = { authorization: `Bearer ${accessToken}` };
  const reply = await page.request.delete(`/api/tasks/recurring/${id}`, { headers });
  expect(reply.ok()).toBe(true);
  await card.waitFor({ state: "detached" });
});

/** Another tab that has its live connection, and has read the list for the last time until something happens. */
async function settledTab(context: BrowserContext): Promise<Page> {
  const tab = await context.newPage();
  const lists: Request[] = [];
  tab.on("request", (request) => {
    if (request.url().includes("/api/tasks?")) lists.push(request);
  });
  await tab.goto("/");
  await tab.getByText("Live", { exact: true }).waitFor();
  // Once for itself, and once since the connection stands.
  await expect.poll(() => lists.length).toBeGreaterThanOrEqual(2);
  await lists.at(-1)?.response();
  return tab;
}
