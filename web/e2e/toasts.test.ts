import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";

import {
  add,
  browser,
  elsewhere,
  expectAccessible,
  fromNow,
  newPerson,
  row,
  type Person,
} from "./browser.ts";

const messages = (page: Page) => page.getByRole("status", { name: "Messages" });

/** The editor of a task, with a change that is not saved. */
async function editing(page: Page, title: string) {
  await page.getByRole("button", { name: title, exact: true }).click();
  const editor = page.getByRole("dialog", { name: "Edit task" });
  await editor.getByLabel("Notes").fill("Not saved yet");
  return editor;
}

/** Another program has a reminder of the person come. */
async function remind(person: Person, title: string): Promise<void> {
  const { post, patch } = elsewhere(person);
  await person.page.getByText("Live", { exact: true }).waitFor();
  const { id } = await post("/api/tasks", { title, due_at: fromNow(3 * 3_600) });
  await post("/api/reminders", { task_id: id, minutes_before: 60 });
  await patch(`/api/tasks/${id}`, { due_at: fromNow(1_800) });
}

describe("a message over the editor", () => {
  test("can be dismissed, and leads nowhere while something is not saved", async () => {
    const person = await newPerson(browser);
    const { page } = person;
    await add(page, "Write to Zoë");
    const editor = await editing(page, "Write to Zoë");
    await remind(person, "Pay rent");
    const message = messages(page).getByText("Pay rent");
    await message.hover();
    expect(await messages(page).getByRole("button", { name: "Open" }).count()).toBe(0);
    await expectAccessible(page);
    await messages(page).getByRole("button", { name: "Dismiss" }).click();
    await message.waitFor({ state: "detached" });
    expect(await editor.getByLabel("Notes").inputValue()).toBe("Not saved yet");
  });

  test("that was there before it does what it offers", async () => {
    const { page } = await newPerson(browser);
    await add(page, "Write to Zoë");
    await add(page, "Done too soon");
    await row(page, "Done too soon").getByRole("checkbox").click();
    await messages(page).getByRole("button", { name: "Undo" }).hover();
    const editor = await editing(page, "Write to Zoë");
    await messages(page).getByRole("button", { name: "Undo" }).click();
    await row(page, "Done too soon").waitFor();
    expect(await editor.getByLabel("Notes").inputValue()).toBe("Not saved yet");
  });
});
