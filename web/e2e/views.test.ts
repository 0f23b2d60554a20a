import { expect, test } from "vitest";

import {
  add,
  browser,
  eachLook,
  elsewhere,
  expectAccessibleAndFitting,
  newContext,
  newPerson,
} from "./browser.ts";

eachLook("each view is accessible and fits", (device) => {
  test("before signing in", async () => {
    const page = await (await newContext(browser, device)).newPage();
    for (const address of ["/sign-in", "/register"]) {
      await page.goto(address);
      await page.getByLabel("E-mail").waitFor();
      await expectAccessibleAndFitting(page);
    }
  });

  test("the tasks, empty and not, with form, dialogs, menu and selection", async () => {
    const { page } = await newPerson(browser, device);
    await expectAccessibleAndFitting(page);
    await add(
      page,
      "A-task-whose-name-is-one-very-long-word-that-does-not-fit-on-a-line-of-a-phone",
    );
    await add(page, "مرحبا بالعالم");
    await expectAccessibleAndFitting(page);
    await page.getByRole("button", { name: "Import and export" }).click();
    await expectAccessibleAndFitting(page);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Select", exact: true }).click();
    await page.getByRole("button", { name: "All shown" }).click();
    await expectAccessibleAndFitting(page);
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("button", { name: "مرحبا بالعالم", exact: true }).click();
    await page.getByRole("dialog").waitFor();
    await expectAccessibleAndFitting(page);
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
  });

  test("many tags, and a title of one word without an end, also where it is asked whether to delete it", async () => {
    const person = await newPerson(browser, device);
    const title = "endless".repeat(28);
    const tags = Array.from({ length: 15 }, (_, at) => `tag number ${at}`);
    await elsewhere(person).post("/api/tasks", { title, tags });
    const { page } = person;
    await page.getByRole("button", { name: title, exact: true }).waitFor();
    await expectAccessibleAndFitting(page);
    await page.getByRole("button", { name: `Delete ${title}` }).click();
    await page.getByRole("dialog").waitFor();
    await expectAccessibleAndFitting(page);
    const remove = await page
      .getByRole("dialog")
      .getByRole("button", { name: /^Delete/ })
      .boundingBox();
    expect((remove?.x ?? Infinity) + (remove?.width ?? 0)).toBeLessThanOrEqual(device.width);
  });

  test("the settings", async () => {
    const { page } = await newPerson(browser, device);
    await page.getByRole("link", { name: "Settings" }).click();
    await page.getByLabel("What the new token is for").fill("Backup script");
    await page.getByRole("button", { name: "Create a token" }).click();
    await page.getByText("it is not shown again").waitFor();
    await expectAccessibleAndFitting(page);
  });
});

test("the page does nothing that its content policy forbids, and logs no error", async () => {
  const context = await newContext(browser);
  const page = await context.newPage();
  const errors: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  page.on("pageerror", (error) => errors.push(error.message));
  await page.goto("/register");
  await page.getByLabel("E-mail").fill(`policy-${crypto.randomUUID()}@example.org`);
  await page.getByLabel("Password").fill("correct horse battery");
  await page.getByRole("button", { name: "Create account" }).click();
  await add(page, "Proper");
  await page.getByRole("link", { name: "Settings" }).click();
  await page.getByRole("button", { name: "Save the profile" }).waitFor();
  expect(errors).toEqual([]);
});
