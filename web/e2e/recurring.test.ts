import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";

import {
  browser,
  comingSoon,
  eachLook,
  expectAccessibleAndFitting,
  newPerson,
  row,
} from "./browser.ts";

/** Opens the form of a new recurring task and gives it a title. */
async function begin(page: Page, title: string) {
  await page.getByRole("link", { name: "Recurring" }).click();
  await page.getByRole("button", { name: "New recurring task" }).click();
  const dialog = page.getByRole("dialog", { name: "New recurring task" });
  await dialog.getByLabel("Title").fill(title);
  return dialog;
}

async function makeDaily(page: Page, title: string): Promise<void> {
  const dialog = await begin(page, title);
  await dialog.getByLabel("Repeats").selectOption("daily");
  await dialog.getByRole("button", { name: "Add" }).click();
  await card(page, title).waitFor();
}

function card(page: Page, title: string) {
  return page
    .getByRole("list", { name: "Recurring tasks" })
    .locator(":scope > li")
    .filter({ has: page.getByRole("heading", { name: title, exact: true }) });
}

describe("recurring tasks", () => {
  test("one is made as previewed by the engine on the page, and shows in the list of tasks", async () => {
    const { page } = await newPerson(browser);
    const dialog = await begin(page, "Put the bins out");
    await dialog.getByLabel("Repeats").selectOption("weekly");
    await dialog.getByLabel("Starts on").fill("2031-03-03");
    await dialog.getByLabel("At", { exact: true }).fill("07:30");
    for (const day of ["Monday", "Thursday"]) {
      await dialog.getByRole("checkbox", { name: day }).setChecked(true);
    }
    for (const day of ["Tuesday", "Wednesday", "Friday", "Saturday", "Sunday"]) {
      await dialog.getByRole("checkbox", { name: day }).setChecked(false);
    }
    const summary = "Every week on Monday and Thursday at 07:30";
    await dialog.getByText(summary).waitFor();
    const times = dialog.getByRole("list", { name: "Next times" }).getByRole("listitem");
    expect(await times.first().innerText()).toBe("Mon 3 Mar 2031 07:30");
    expect(await times.count()).toBe(5);
    await dialog.getByRole("button", { name: "Add" }).click();
    await dialog.waitFor({ state: "detached" });
    const text = await card(page, "Put the bins out").innerText();
    for (const part of [summary, "Next: Mon 3 Mar 2031 07:30", "Europe/Berlin", "Active"]) {
      expect(text).toContain(part);
    }
    await page.getByRole("link", { name: "Tasks", exact: true }).click();
    expect(await row(page, "Put the bins out").innerText()).toContain("Recurs");
  });

  test("a part of the start is deleted and typed anew, and the others stay", async () => {
    const { page } = await newPerson(browser);
    const dialog = await begin(page, "Take stock");
    const start = dialog.getByLabel("Starts on");
    await start.fill("2031-03-03");
    await start.focus();
    await page.keyboard.press("Backspace");
    expect(await start.inputValue()).toBe("");
    await page.keyboard.type("02");
    // It depends on the machine whether the day or the month comes first.
    expect(await start.inputValue()).toMatch(/^2031-(?:02-03|03-02)$/);
  });

  test("the preview tells of a time that the clocks skip", async () => {
    const { page } = await newPerson(browser);
    const dialog = await begin(page, "Backup");
    await dialog.getByLabel("Repeats").selectOption("daily");
    await dialog.getByLabel("Starts on").fill("2031-03-29");
    await dialog.getByLabel("At", { exact: true }).fill("02:30");
    await dialog.getByText("02:30 does not exist on 2031-03-30").waitFor();
  });

  test("a rule of one's own that is wrong is told while it is written, and refused when sent", async () => {
    const { page } = await newPerson(browser);
    const dialog = await begin(page, "Never");
    await dialog.getByLabel("Repeats").selectOption("custom");
    await dialog.getByLabel("Rule").fill("FREQ=WEEKLY;BYDAY=2MO");
    await dialog.getByText(/BYDAY with a number/).waitFor();
    await dialog.getByRole("button", { name: "Add" }).click();
    await dialog.getByRole("alert").filter({ hasText: "It was not saved." }).waitFor();
    expect(await dialog.getByLabel("Rule").getAttribute("aria-invalid")).toBe("true");
  });

  test("one is paused, resumed, changed and ended after asking", async () => {
    const { page } = await newPerson(browser);
    await makeDaily(page, "Stretch");
    await page.getByRole("button", { name: "Pause Stretch" }).click();
    await card(page, "Stretch").getByText("Paused", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Resume Stretch" }).click();
    await card(page, "Stretch").getByText("Active", { exact: true }).waitFor();

    await page.getByRole("button", { name: "Edit Stretch" }).click();
    const dialog = page.getByRole("dialog", { name: "Edit recurring task" });
    expect(await dialog.getByLabel("Repeats").inputValue()).toBe("daily");
    await dialog.getByLabel("Every … days").fill("3");
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.waitFor({ state: "detached" });
    await card(page, "Stretch").getByText("Every 3 days at 09:00").waitFor();

    await page.getByRole("button", { name: "End Stretch" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "End it" }).click();
    await card(page, "Stretch").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Ended", exact: true }).click();
    await card(page, "Stretch").getByText("Cancelled", { exact: true }).waitFor();
  });

  test("an occurrence that comes due shows without a reload, and can be done", async () => {
    const person = await newPerson(browser);
    const { page } = person;
    await page.getByRole("link", { name: "Recurring" }).click();
    await comingSoon(person, "Feed the cat");
    await page.getByRole("button", { name: "Times of Feed the cat" }).click();
    const times = page.getByRole("list", { name: "Times of Feed the cat" });
    await times.getByText("To do", { exact: true }).waitFor();
    const complete = times.getByRole("button", { name: /^Complete the one of/ });
    await complete.click();
    await complete.waitFor({ state: "detached" });
    await times.getByText("Done", { exact: true }).waitFor();
  });
});

eachLook("recurring tasks are accessible and fit", (device) => {
  test("empty, in the form with all its fields, listed, and being ended", async () => {
    const { page } = await newPerson(browser, device);
    await page.getByRole("link", { name: "Recurring" }).click();
    await page.getByRole("heading", { name: "Nothing recurs yet" }).waitFor();
    await expectAccessibleAndFitting(page);
    const dialog = await begin(page, "Water-the-plants-and-everything-that-is-green-in-this-house");
    await dialog.getByText("More", { exact: true }).click();
    await dialog.getByLabel("Ends").selectOption("until");
    await dialog.getByRole("list", { name: "Next times" }).waitFor();
    await expectAccessibleAndFitting(page);
    await dialog.getByLabel("Repeats").selectOption("custom");
    await dialog.getByLabel("Rule").fill("FREQ=NEVER");
    await expectAccessibleAndFitting(page);
    await dialog.getByLabel("Repeats").selectOption("yearly");
    await dialog.getByRole("button", { name: "Add" }).click();
    await dialog.waitFor({ state: "detached" });
    await page.getByRole("button", { name: /^Times of/ }).click();
    await page.getByText("It has not come round yet.").waitFor();
    await expectAccessibleAndFitting(page);
    await page.getByRole("button", { name: /^End Water/ }).click();
    await page.getByRole("dialog").waitFor();
    await expectAccessibleAndFitting(page);
  });
});
