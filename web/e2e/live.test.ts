import { expect, test } from "vitest";

import { add, browser, newPerson, row } from "./browser.ts";

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
  const other = await context.newPage();
  await other.goto("/");
  await other.getByText("Live", { exact: true }).waitFor();
  await other.route("**/api/tasks/stream", (route) => route.abort());
  await other.evaluate(() => window.dispatchEvent(new Event("online")));
  await other.getByText("Reconnecting", { exact: true }).waitFor();
  await add(page, "Made meanwhile");
  expect(await row(other, "Made meanwhile").count()).toBe(0);
  await other.unroute("**/api/tasks/stream");
  await row(other, "Made meanwhile").waitFor();
});
