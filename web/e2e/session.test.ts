import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";

import { add, browser, letIn, newContext, newPerson, password, row } from "./browser.ts";

describe("a session", () => {
  test("a short password is refused at its field", async () => {
    const page = await (await newContext(browser)).newPage();
    await page.goto("/register");
    await page.getByLabel("E-mail").fill(`short-${crypto.randomUUID()}@example.org`);
    await page.getByLabel("Password").fill("seven77");
    await page.getByRole("button", { name: "Create account" }).click();
    await page.getByRole("alert").filter({ hasText: "The account was not created." }).waitFor();
    expect(await page.getByLabel("Password").getAttribute("aria-invalid")).toBe("true");
  });

  test("a taken e-mail address is told", async () => {
    const { email } = await newPerson(browser);
    const page = await (await newContext(browser)).newPage();
    await page.goto("/register");
    await page.getByLabel("E-mail").fill(email);
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: "Create account" }).click();
    await page.getByRole("alert").filter({ hasText: "The account was not created." }).waitFor();
  });

  test("signing out and in again finds the tasks, and a wrong password does not", async () => {
    const { page, email } = await newPerson(browser);
    await add(page, "Still here");
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByLabel("E-mail").fill(email);
    await page.getByLabel("Password").fill("a wrong password");
    await letIn(page, "Sign in");
    await page.getByRole("alert").filter({ hasText: "You are not signed in." }).waitFor();
    await page.getByLabel("Password").fill(password);
    await letIn(page, "Sign in");
    await row(page, "Still here").waitFor();
  });

  test("what was said to one person is gone when the next one signs in", async () => {
    const { page } = await newPerson(browser);
    await add(page, "Of the first");
    await row(page, "Of the first").getByRole("checkbox").click();
    await page.getByText("Completed “Of the first”.").waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("button", { name: "Sign in" }).waitFor();
    expect(await page.getByText("Of the first").count()).toBe(0);
  });

  test("a reload keeps the session, also in several tabs at once", async () => {
    const { page, context } = await newPerson(browser);
    await add(page, "Kept");
    const tabs = await Promise.all([1, 2, 3].map(() => context.newPage()));
    await Promise.all([page.reload(), ...tabs.map((tab) => tab.goto("/"))]);
    await Promise.all([page, ...tabs].map((tab) => row(tab, "Kept").waitFor()));
  });

  test("reloads keep the session though no answer to a renewal arrives before the next one", async () => {
    const { page, context } = await newPerson(browser);
    await add(page, "Kept");
    await context.route("**/api/auth/refresh", async (route) => {
      await route.fetch();
      await route.abort();
    });
    await page.reload();
    await row(page, "Kept").waitFor();
    await context.unroute("**/api/auth/refresh");
    await page.reload();
    await row(page, "Kept").waitFor();
  });

  test("a renewal that the service can't do now is done later, without signing in", async () => {
    const { page, context } = await newPerson(browser);
    await add(page, "Kept");
    await forgetAccessToken(page);
    await context.route("**/api/auth/refresh", (route) => route.fulfill({ status: 503 }));
    await page.reload();
    const alert = page.getByRole("alert").filter({ hasText: "Your profile could not be loaded." });
    await alert.waitFor();
    await context.unroute("**/api/auth/refresh");
    await alert.getByRole("button", { name: "Try again" }).click();
    await row(page, "Kept").waitFor();
  });

  test("signing out in one tab signs out in the other", async () => {
    const { page, context } = await newPerson(browser);
    const other = await context.newPage();
    await other.goto("/");
    await other.getByLabel("New task").waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await other.getByRole("button", { name: "Sign in" }).waitFor();
  });
});

/** The access token has ended: whoever needs one has to renew it. */
async function forgetAccessToken(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const opened = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open("rondo");
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error ?? new Error("not opened"));
    });
    const store = opened.transaction("session", "readwrite").objectStore("session");
    await new Promise((resolve) => {
      const read = store.get("credentials") as IDBRequest<object>;
      read.onsuccess = () => {
        store.put({ ...read.result, access: null }, "credentials").onsuccess = resolve;
      };
    });
    opened.close();
  });
}
