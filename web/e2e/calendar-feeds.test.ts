import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";

import { add, browser, eachLook, expectAccessibleAndFitting, newPerson } from "./browser.ts";

/** Makes an address on the settings page, and reads it there. */
async function makeAddress(page: Page): Promise<string> {
  await page.getByRole("link", { name: "Settings" }).click();
  await page.getByRole("button", { name: "Make an address" }).click();
  await page.getByText("it is not shown again").waitFor();
  return page.getByText("/api/calendar/").innerText();
}

const addresses = (page: Page) =>
  page.getByRole("list", { name: "Calendar addresses" }).getByRole("listitem");

describe("a calendar address", () => {
  test("is read without signing in, as to-dos and as events, until it is revoked", async () => {
    const { page, context } = await newPerson(browser);
    await add(page, "Feed the cat");
    const address = await makeAddress(page);
    expect(await addresses(page).innerText()).toContain("Never used");

    const todos = await context.request.get(address);
    expect(todos.headers()["content-type"]).toContain("text/calendar");
    expect(await todos.text()).toMatch(/BEGIN:VTODO[^]*SUMMARY:Feed the cat/);
    const events = await context.request.get(`${address}?as=events`);
    expect(events.status()).toBe(200);
    expect(await events.text()).not.toContain("BEGIN:VTODO");

    await page.reload();
    await addresses(page)
      .getByText(/^Last used/)
      .waitFor();
    expect(await page.getByText("/api/calendar/").count()).toBe(0);

    await page.getByRole("button", { name: /^Revoke the address/ }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
    await addresses(page).waitFor({ state: "detached" });
    expect((await context.request.get(address)).status()).toBe(404);
  });

  test("is copied whole", async () => {
    const { page, context } = await newPerson(browser);
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const address = await makeAddress(page);
    const notice = page.getByRole("status").filter({ hasText: "it is not shown again" });
    await notice.getByRole("button", { name: "Copy" }).click();
    await notice.getByRole("button", { name: "Copied" }).waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(address);
    expect(new URL(address).origin).toBe(new URL(page.url()).origin);
  });

  test("is kept when one thinks better of revoking it", async () => {
    const { page } = await newPerson(browser);
    await makeAddress(page);
    await page.getByRole("button", { name: /^Revoke the address/ }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Keep" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(await addresses(page).count()).toBe(1);
  });

  test("that can't be made says why", async () => {
    const { page } = await newPerson(browser);
    await page.route("**/api/calendar-feeds", (route) =>
      route.request().method() === "POST" ? route.abort() : route.continue(),
    );
    await page.getByRole("link", { name: "Settings" }).click();
    await page.getByRole("button", { name: "Make an address" }).click();
    await page.getByRole("alert").filter({ hasText: "No address was made." }).waitFor();
  });
});

eachLook("calendar addresses are accessible and fit", (device) => {
  test("none yet, one just made, and one being revoked", async () => {
    const { page } = await newPerson(browser, device);
    await page.getByRole("link", { name: "Settings" }).click();
    await page.getByRole("button", { name: "Make an address" }).waitFor();
    await expectAccessibleAndFitting(page);
    await makeAddress(page);
    await addresses(page).waitFor();
    await expectAccessibleAndFitting(page);
    await page.getByRole("button", { name: /^Revoke the address/ }).click();
    await page.getByRole("dialog").waitFor();
    await expectAccessibleAndFitting(page);
  });
});
