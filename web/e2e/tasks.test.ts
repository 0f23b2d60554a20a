import { readFile } from "node:fs/promises";

import { describe, expect, test } from "vitest";

import {
  add,
  browser,
  eachLook,
  elsewhere,
  expectAccessibleAndFitting,
  newPerson,
  row,
} from "./browser.ts";

interface TaskFile {
  readonly tasks: { title: string }[];
}

describe("tasks", () => {
  test("one is added with priority, tags and a due time, by keyboard alone", async () => {
    const { page } = await newPerson(browser);
    await page.getByLabel("New task").focus();
    await page.keyboard.type("Pay rent");
    await page.getByLabel("Priority", { exact: true }).first().selectOption("High");
    await page.getByLabel("Due", { exact: true }).first().fill("2031-12-24");
    await page.getByLabel("At", { exact: true }).fill("18:00");
    await page.getByRole("combobox", { name: "Tags" }).focus();
    await page.keyboard.type("Home,money");
    await page.keyboard.press("Enter");
    await page.getByLabel("New task").press("Enter");
    const text = await row(page, "Pay rent").innerText();
    for (const part of ["High", "Wed 24 Dec 2031 18:00", "home", "money"]) {
      expect(text).toContain(part);
    }
    await expect.poll(() => page.getByLabel("New task").inputValue()).toBe("");
  });

  test("a title that is too long is kept as it was pasted, and what is wrong is said", async () => {
    const { page } = await newPerson(browser);
    const title = page.getByLabel("New task");
    await title.fill("x".repeat(201));
    await title.press("Enter");
    await page.getByRole("alert").getByText("200 characters").waitFor();
    expect(await title.inputValue()).toHaveLength(201);
    await title.fill("x".repeat(200));
    await title.press("Enter");
    await row(page, "x".repeat(200)).waitFor();
  });

  test("filters find one, stand in the address, and survive a reload", async () => {
    const { page } = await newPerson(browser);
    await add(page, "Water the plants");
    await add(page, "Write to Zoë");
    await page.getByLabel("Search").fill("plants");
    await row(page, "Write to Zoë").waitFor({ state: "detached" });
    await row(page, "Water the plants").waitFor();
    expect(new URL(page.url()).searchParams.get("search")).toBe("plants");
    await page.reload();
    await row(page, "Water the plants").waitFor();
    expect(await page.getByLabel("Search").inputValue()).toBe("plants");
    await page.getByRole("button", { name: "Clear filters" }).click();
    await row(page, "Write to Zoë").waitFor();
  });

  test("a search keeps the spaces of whoever stops to think between two words", async () => {
    const { page } = await newPerson(browser);
    await add(page, "Buy milk");
    await add(page, "Buy bread");
    const search = page.getByLabel("Search");
    await search.pressSequentially("buy ");
    const searched = () => new URL(page.url()).searchParams.get("search");
    await expect.poll(searched).toBe("buy");
    await search.pressSequentially("milk");
    await expect.poll(searched).toBe("buy milk");
    await row(page, "Buy bread").waitFor({ state: "detached" });
    await row(page, "Buy milk").waitFor();
    await page.getByRole("button", { name: "Clear filters" }).click();
    await row(page, "Buy bread").waitFor();
    expect(await search.inputValue()).toBe("");
  });

  test("a completed one leaves the open ones and can be taken back", async () => {
    const { page } = await newPerson(browser);
    await add(page, "Once");
    await row(page, "Once").getByRole("checkbox").click();
    await page.getByRole("heading", { name: "Nothing to do" }).waitFor();
    await page.getByRole("button", { name: "Undo" }).click();
    await row(page, "Once").waitFor();
  });

  test("an editor asks before Escape loses what is written there, and a second one is an answer", async () => {
    const { page } = await newPerson(browser);
    await add(page, "Call the bank");
    const editor = page.getByRole("dialog", { name: "Edit task" });
    const notes = editor.getByLabel("Notes");
    const open = () => page.getByRole("button", { name: "Call the bank", exact: true }).click();
    await open();
    await page.keyboard.press("Escape");
    await editor.waitFor({ state: "detached" });

    await open();
    await notes.fill("About the new account");
    await page.keyboard.press("Escape");
    await editor.getByText("What you wrote is not saved.").waitFor();
    await expectAccessibleAndFitting(page);
    await page.keyboard.press("Enter");
    await page.locator(":focus").and(notes).waitFor();
    expect(await notes.inputValue()).toBe("About the new account");

    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await editor.waitFor({ state: "detached" });
    await open();
    expect(await notes.inputValue()).toBe("");
  });

  test("the keyboard goes on in the place of one that is done, but takes nobody back who has left the list", async () => {
    const { page } = await newPerson(browser);
    for (const title of ["Third", "Second", "First"]) await add(page, title);
    const box = (title: string) => row(page, title).getByRole("checkbox");
    await box("First").focus();
    await page.keyboard.press("Space");
    await row(page, "First").waitFor({ state: "detached" });
    await page.locator(":focus").and(box("Second")).waitFor();
    await page.mouse.click(2, 800);
    await page.getByRole("button", { name: "Undo" }).click();
    await row(page, "First").waitFor();
    expect(await page.locator("li :focus").count()).toBe(0);
  });

  test("one is added though the browser takes itself to be offline: Rondo may run beside it", async () => {
    const { page } = await newPerson(browser);
    await page.evaluate(() => window.dispatchEvent(new Event("offline")));
    await add(page, "Without a network");
  });

  test("one is edited in the dialog", async () => {
    const { page } = await newPerson(browser);
    await add(page, "Old title");
    await page.getByRole("button", { name: "Old title", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "Edit task" });
    await dialog.getByLabel("Title").fill("New title");
    await dialog.getByLabel("Notes").fill("With a note");
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.waitFor({ state: "detached" });
    expect(await row(page, "New title").innerText()).toContain("With a note");
  });

  test("what somebody else changed meanwhile is shown, not overwritten", async () => {
    const person = await newPerson(browser);
    const { page } = person;
    const { post, patch } = elsewhere(person);
    const { id } = await post("/api/tasks", { title: "Contended" });
    await page.getByRole("button", { name: "Contended", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "Edit task" });
    await dialog.getByLabel("Title").fill("Mine");
    await patch(`/api/tasks/${id}`, { title: "Theirs" });

    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.getByRole("alert").filter({ hasText: "changed elsewhere" }).waitFor();
    await dialog.getByRole("button", { name: "Load the newest" }).click();
    await dialog.getByText("Changed elsewhere, too: Title.").waitFor();
    expect(await dialog.getByLabel("Title").inputValue()).toBe("Mine");
    await expectAccessibleAndFitting(page);
    await dialog.getByRole("button", { name: "Show theirs" }).click();
    expect(await dialog.getByLabel("Title").inputValue()).toBe("Theirs");
    await dialog.getByRole("button", { name: "Show yours" }).click();
    await dialog.getByRole("button", { name: "Save" }).click();
    await row(page, "Mine").waitFor();
  });

  test("one is deleted after asking", async () => {
    const { page } = await newPerson(browser);
    await add(page, "Superfluous");
    await row(page, "Superfluous").hover();
    await page.getByRole("button", { name: "Delete Superfluous" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete", exact: true }).click();
    await row(page, "Superfluous").waitFor({ state: "detached" });
  });

  test("several are changed at once", async () => {
    const { page } = await newPerson(browser);
    await add(page, "First");
    await add(page, "Second");
    await page.getByRole("button", { name: "Select", exact: true }).click();
    await page.getByRole("button", { name: "All shown" }).click();
    await page.getByLabel("A tag for all of them").fill("both");
    await page.getByRole("button", { name: "Add tag" }).click();
    await page.getByRole("button", { name: /^both 2/ }).waitFor();
  });

  test("they leave as a file and come back from one", async () => {
    const { page } = await newPerson(browser);
    await add(page, "Travels");
    await page.getByRole("button", { name: "Import and export" }).click();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Export as JSON" }).click(),
    ]);
    expect(download.suggestedFilename()).toBe("rondo-tasks.json");
    const content = JSON.parse(await readFile(await download.path(), "utf8")) as TaskFile;
    content.tasks.push({ title: "Came along" });
    await page.getByLabel("File to import").setInputFiles({
      name: "tasks.json",
      mimeType: "application/json",
      buffer: Buffer.from(JSON.stringify(content)),
    });
    await page.getByText("Added 1 task from tasks.json; 1 already there.").waitFor();
    await row(page, "Came along").waitFor();
  });

  test("they leave as a calendar and come back from one", async () => {
    const { page } = await newPerson(browser);
    await add(page, "Travels");
    await page.getByRole("button", { name: "Import and export" }).click();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Export as iCalendar" }).click(),
    ]);
    expect(download.suggestedFilename()).toBe("rondo-tasks.ics");
    const calendar = await readFile(await download.path(), "utf8");
    const [todo = ""] = /BEGIN:VTODO[^]*END:VTODO\r\n/.exec(calendar) ?? [];
    const another = todo.replace(/^UID:.*$/m, "UID:another").replace("Travels", "Came along");
    await page.getByLabel("File to import").setInputFiles({
      name: "from my phone.ics",
      mimeType: "text/calendar",
      buffer: Buffer.from(calendar.replace(todo, todo + another)),
    });
    await page.getByText("Added 1 task from from my phone.ics; 1 already there.").waitFor();
    await row(page, "Came along").waitFor();
  });
});

eachLook("what is wrong with a file is accessible and fits", (device) => {
  test("and stays until it is read; no task is added", async () => {
    const { page } = await newPerson(browser, device);
    const tasks = Array.from({ length: 900 }, () => ({ title: "" }));
    await page.getByLabel("File to import").setInputFiles({
      name: "tasks.json",
      mimeType: "application/json",
      buffer: Buffer.from(JSON.stringify({ tasks })),
    });
    const notice = page.getByRole("alert").filter({ hasText: "tasks.json was not added." });
    await notice.getByText("and 897 more").waitFor();
    await expectAccessibleAndFitting(page);
    await notice.getByRole("button", { name: "Dismiss" }).click();
    await notice.waitFor({ state: "detached" });
    await page.getByRole("heading", { name: "Nothing to do" }).waitFor();
  });
});
