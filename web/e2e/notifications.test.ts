import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";

import {
  browser,
  comingSoon,
  eachLook,
  elsewhere,
  expectAccessible,
  expectAccessibleAndFitting,
  fromNow,
  letIn,
  newContext,
  newPerson,
  password,
  row,
  type Person,
} from "./browser.ts";

const bell = (page: Page) => page.getByRole("button", { name: /^Notifications/ });
const panel = (page: Page) => page.getByRole("dialog", { name: "Notifications" });
/** What is called so in the panel. */
const named = (page: Page, name: string) =>
  panel(page)
    .getByRole("button", { name, exact: true })
    .or(panel(page).getByRole("link", { name, exact: true }));

const message = (page: Page, text: string) =>
  page.locator('[aria-label="Messages"]').getByText(text, { exact: false });

const unread = (page: Page, count: number) =>
  page
    .getByRole("button", {
      name: count === 0 ? "Notifications" : `Notifications, ${count} unread`,
      exact: true,
    })
    .waitFor();

/** A page that has no live connection yet is not told at once. */
const live = (page: Page) => page.getByText("Live", { exact: true }).waitFor();

/** A task that is due later, and of which one is reminded as soon as `bringForward` has it due within the hour. */
async function reminding({ post, patch }: ReturnType<typeof elsewhere>, title: string) {
  const { id } = await post("/api/tasks", { title, due_at: fromNow(3 * 3_600) });
  await post("/api/reminders", { task_id: id, minutes_before: 60 });
  return { id, bringForward: () => patch(`/api/tasks/${id}`, { due_at: fromNow(1_800) }) };
}

/** A task of which its owner has been told just now. */
async function remindedOf(person: Person, title: string): Promise<void> {
  await live(person.page);
  const { bringForward } = await reminding(elsewhere(person), title);
  await bringForward();
  await message(person.page, title).waitFor();
}

/** The page on another device of the same person, which has no live connection: it knows what it asks for. */
async function signedInElsewhere({ email }: Person): Promise<Page> {
  const page = await (await newContext(browser)).newPage();
  await page.route("**/api/tasks/stream", (route) => route.abort());
  await page.goto("/sign-in");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await letIn(page, "Sign in");
  return page;
}

/** Somebody comes back to the page, which was in the background. */
async function lookAgain(page: Page): Promise<void> {
  await page.evaluate(() =>
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true })),
  );
}

/** The service has been told that notifications are read; the page shows them so before that. */
const readMark = (page: Page) =>
  page.waitForResponse((reply) => /\/api\/notifications\/.*read/.test(reply.url()));

describe("a reminder", () => {
  test("that is set in the editor comes as a toast over it and in the bell, without a reload", async () => {
    const person = await newPerson(browser);
    const { page } = person;
    const { post, patch } = elsewhere(person);
    const { id } = await post("/api/tasks", { title: "Pay rent", due_at: fromNow(3 * 3_600) });
    await row(page, "Pay rent").getByRole("button", { name: "Pay rent", exact: true }).click();
    const editor = page.getByRole("dialog", { name: "Edit task" });
    const waiting = editor.getByRole("list", { name: "Reminders that wait" });
    for (const before of ["At the due time", "1 hour before"]) {
      await editor.getByRole("button", { name: before }).click();
      await waiting.getByText(before).waitFor();
    }

    await live(page);
    await patch(`/api/tasks/${id}`, { due_at: fromNow(1_800) });
    await message(page, "Pay rent: Due").waitFor();
    await waiting.getByText("1 hour before").waitFor({ state: "detached" });
    await waiting.getByText("At the due time").waitFor();
    await editor.getByText("What came of others (1)").click();
    await editor.getByText(/^Sent /).waitFor();
    await page.keyboard.press("Escape");
    await unread(page, 1);
    expect(await page.title()).toBe("(1) Tasks · Rondo");
    await bell(page).click();
    await panel(page).getByRole("link", { name: "Unread: Pay rent" }).waitFor();
    await panel(page).getByText(/^Due /).waitFor();
  });

  test("of a time of one's own is one among several, and is taken off again", async () => {
    const person = await newPerson(browser);
    const { page } = person;
    const { post } = elsewhere(person);
    await post("/api/tasks", { title: "Pay rent", due_at: "2031-12-24T17:00:00Z" });
    await page.getByRole("button", { name: "Pay rent", exact: true }).click();
    const editor = page.getByRole("dialog", { name: "Edit task" });
    const waiting = editor.getByRole("list", { name: "Reminders that wait" });
    await editor.getByRole("button", { name: "1 day before" }).click();
    await waiting.getByText("1 day before").waitFor();
    await editor.getByRole("button", { name: "At another time…" }).click();
    await editor.getByLabel("Remind me on").fill("2031-12-20");
    await editor.getByLabel("At this time").fill("08:15");
    await editor.getByRole("button", { name: "Set the reminder" }).click();
    await waiting.getByText("Sat 20 Dec 2031 08:15").waitFor();
    expect(await waiting.getByRole("listitem").allInnerTexts()).toEqual([
      expect.stringContaining("Sat 20 Dec 2031 08:15"),
      expect.stringContaining("Tue 23 Dec 2031 18:00"),
    ]);
    await editor.getByRole("button", { name: "Remove the reminder of Sat 20 Dec 2031" }).click();
    await waiting.getByText("Sat 20 Dec 2031 08:15").waitFor({ state: "detached" });
    expect(await waiting.getByRole("listitem").count()).toBe(1);
  });

  test("in the past is refused at its field, in sight", async () => {
    const person = await newPerson(browser, { width: 390, height: 500 });
    const { page } = person;
    await elsewhere(person).post("/api/tasks", { title: "Too late" });
    await page.getByRole("button", { name: "Too late", exact: true }).click();
    await page.getByRole("button", { name: "At another time…" }).click();
    await page.getByLabel("Remind me on").fill("2020-01-01");
    await page.getByRole("button", { name: "Set the reminder" }).click();
    const field = page.locator('[aria-invalid="true"]').first();
    await field.waitFor();
    expect(await field.inputValue()).toBe("2020-01-01");
    await page.locator(":focus").and(field).waitFor();
    const said = page.getByRole("alert").filter({ hasText: "must be in the future" });
    const box = await said.boundingBox();
    expect(box?.y).toBeGreaterThan(0);
    expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual(500);
  });

  test("of a task that is done does not come, and none is offered until it is reopened", async () => {
    const person = await newPerson(browser);
    const { page } = person;
    const { post } = elsewhere(person);
    const { id } = await post("/api/tasks", { title: "Pay rent", due_at: fromNow(86_400) });
    await post("/api/reminders", { task_id: id, minutes_before: 10 });
    await post(`/api/tasks/${id}/complete`, {});
    await page.goto(`/?task=${id}`);
    const editor = page.getByRole("dialog", { name: "Edit task" });
    await editor.getByText("Does not come: it is done").waitFor();
    expect(await editor.getByRole("button", { name: /before|due time|another time/ }).count()).toBe(
      0,
    );
    await expectAccessible(page);
    await editor.getByLabel("Status").selectOption("pending");
    await editor.getByRole("button", { name: "Save" }).click();
    await page.getByRole("button", { name: "Pay rent", exact: true }).click();
    await editor.getByText("Waiting", { exact: true }).waitFor();
    await editor.getByRole("button", { name: "1 hour before" }).waitFor();
  });

  test("comes with each time of a series, and leads to its times", async () => {
    const person = await newPerson(browser);
    const { page } = person;
    await page.getByRole("link", { name: "Recurring" }).click();
    await live(page);
    const told = message(page, "Feed the cat: Due now").waitFor();
    await comingSoon(person, "Feed the cat", { reminder_minutes_before: 0 });
    await Promise.all([page.getByText("At the due time").waitFor(), told]);
    await page.getByRole("button", { name: "Open", exact: true }).click();
    const times = page.getByRole("dialog", { name: "Feed the cat" });
    await times.waitFor();
    await unread(page, 0);
  });
});

describe("a notification", () => {
  test("that is opened is read, and leads to its task", async () => {
    const person = await newPerson(browser);
    const { page } = person;
    await remindedOf(person, "Pay rent");
    await page.getByRole("link", { name: "Settings" }).click();
    await bell(page).click();
    const read = readMark(page);
    await panel(page).getByRole("link", { name: "Unread: Pay rent" }).click();
    const editor = page.getByRole("dialog", { name: "Edit task" });
    expect(await editor.getByLabel("Title").inputValue()).toBe("Pay rent");
    await page.keyboard.press("Escape");
    await editor.waitFor({ state: "detached" });
    expect(new URL(page.url()).search).toBe("");
    await unread(page, 0);
    expect(await page.title()).toBe("Tasks · Rondo");
    await read;
    await page.reload();
    await bell(page).click();
    await panel(page).getByRole("link", { name: "Pay rent", exact: true }).waitFor();
  });

  test("is read with all others at once", async () => {
    const person = await newPerson(browser);
    const { page } = person;
    await remindedOf(person, "First");
    await remindedOf(person, "Second");
    await unread(page, 2);
    await bell(page).click();
    const read = readMark(page);
    await panel(page).getByRole("button", { name: "Mark all read" }).click();
    await unread(page, 0);
    await read;
    await page.reload();
    await page.getByLabel("New task").waitFor();
    await bell(page).click();
    await panel(page).getByRole("link", { name: "Second", exact: true }).waitFor();
    expect(await panel(page).getByText("Unread:").count()).toBe(0);
  });

  test("that is read in one tab is read in the others, and on another device once it is looked at", async () => {
    const person = await newPerson(browser);
    const { page, context } = person;
    await remindedOf(person, "First");
    await remindedOf(person, "Second");
    const tab = await context.newPage();
    await tab.goto("/");
    const device = await signedInElsewhere(person);
    await Promise.all([page, tab, device].map((one) => unread(one, 2)));
    await bell(page).click();
    await panel(page).getByRole("button", { name: "Mark First as read" }).click();
    await unread(tab, 1);
    expect(await tab.title()).toBe("(1) Tasks · Rondo");
    await lookAgain(device);
    await unread(device, 1);
    await panel(page).getByRole("button", { name: "Mark all read" }).click();
    await unread(tab, 0);
  });

  test("is put off by an hour, and waits again", async () => {
    const person = await newPerson(browser);
    const { page } = person;
    await remindedOf(person, "Pay rent");
    await bell(page).click();
    await panel(page).getByRole("button", { name: "Snooze Pay rent" }).click();
    await panel(page).getByRole("button", { name: "1 hour" }).click();
    await message(page, "“Pay rent” comes again:").waitFor();
    await unread(page, 0);
    await panel(page).getByRole("link", { name: "Pay rent", exact: true }).click();
    await page.getByRole("list", { name: "Reminders that wait" }).waitFor();
  });

  test("that comes with many is counted in the messages, which lead to all of them", async () => {
    const person = await newPerson(browser);
    const { page } = person;
    await live(page);
    const api = elsewhere(person);
    const { id, bringForward } = await reminding(api, "Pay rent");
    await Promise.all(
      [61, 62, 63, 64].map((minutes) =>
        api.post("/api/reminders", { task_id: id, minutes_before: minutes }),
      ),
    );
    await bringForward();
    // What one points at does not go.
    await page.getByRole("button", { name: "and 2 more" }).hover();
    await expectAccessible(page);
    await page.getByRole("button", { name: "and 2 more" }).click();
    await expect.poll(() => panel(page).getByRole("link", { name: "Pay rent" }).count()).toBe(5);
    expect(await message(page, "Pay rent").count()).toBe(0);
    await page.keyboard.press("Escape");
    expect(await page.evaluate(() => document.activeElement?.ariaLabel)).toMatch(/^Notifications/);
  });

  test("completes its task", async () => {
    const person = await newPerson(browser);
    const { page } = person;
    await remindedOf(person, "Pay rent");
    await row(page, "Pay rent").waitFor();
    await bell(page).click();
    await panel(page).getByRole("button", { name: "Complete task Pay rent" }).click();
    await panel(page).getByText("Done", { exact: true }).waitFor();
    await row(page, "Pay rent").waitFor({ state: "detached" });
    await unread(page, 0);
  });

  test("is reached, used and left by keyboard alone", async () => {
    const person = await newPerson(browser);
    const { page } = person;
    await remindedOf(person, "Pay rent");
    await unread(page, 1);
    await bell(page).focus();
    await page.keyboard.press("Enter");
    await panel(page).waitFor();
    expect(await bell(page).getAttribute("aria-expanded")).toBe("true");
    for (const name of ["Mark all read", "Close", "Unread: Pay rent", "Complete task Pay rent"]) {
      await page.keyboard.press("Tab");
      await page.locator(":focus").and(named(page, name)).waitFor();
    }
    await page.keyboard.press("Enter");
    await panel(page).getByText("Done", { exact: true }).waitFor();
    await page.keyboard.press("Escape");
    await panel(page).waitFor({ state: "detached" });
    expect(await page.evaluate(() => document.activeElement?.ariaLabel)).toMatch(/^Notifications/);
  });
});

eachLook("notifications are accessible and fit", (device) => {
  test("none yet, one with its choices, and the reminders in the editor", async () => {
    const person = await newPerson(browser, device);
    const { page } = person;
    await bell(page).click();
    await panel(page).getByText("Nothing yet").waitFor();
    await expectAccessibleAndFitting(page);
    await page.keyboard.press("Escape");
    await remindedOf(person, "A-task-whose-name-is-one-very-long-word-that-fits-on-no-phone");
    await expectAccessibleAndFitting(page);
    await bell(page).click();
    await panel(page)
      .getByRole("button", { name: /^Snooze/ })
      .click();
    await expectAccessibleAndFitting(page);
    await panel(page)
      .getByRole("link", { name: /^Unread/ })
      .click();
    await page.getByRole("button", { name: "10 minutes before" }).click();
    await page.getByRole("list", { name: "Reminders that wait" }).waitFor();
    await page.getByRole("button", { name: "At another time…" }).click();
    await page.getByText("What came of others").click();
    await expectAccessibleAndFitting(page);
  });
});
