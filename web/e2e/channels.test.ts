import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";

import {
  browser,
  eachLook,
  elsewhere,
  expectAccessible,
  expectAccessibleAndFitting,
  newPerson,
  type Device,
} from "./browser.ts";
import {
  clickWhatIsShown,
  endpointOf,
  isDeviceList,
  isSubscription,
  move,
  pushesTo,
  shown,
  standInForPushService,
  tellOfMove,
  timesShown,
} from "./push.ts";

async function card(page: Page) {
  await page.getByRole("link", { name: "Settings" }).click();
  const found = page.getByRole("region", { name: "Notifications" });
  await found.getByRole("heading", { name: "Quiet hours" }).waitFor();
  return found;
}

describe("a webhook", () => {
  test("is told of once it has an address, shows its secret once, and is removed", async () => {
    const { page } = await newPerson(browser);
    const settings = await card(page);
    const channel = settings.getByRole("switch", { name: "Webhook" });
    expect(await channel.isDisabled()).toBe(true);
    await settings.getByLabel("Address").fill("https://hooks.example.org/rondo");
    await settings.getByRole("button", { name: "Save the address" }).click();
    await settings.getByText(/^whsec_/).waitFor();
    await settings.getByRole("switch", { name: "Webhook", checked: true }).waitFor();
    await page.reload();
    await settings.getByRole("switch", { name: "Webhook", checked: true }).waitFor();
    expect(await settings.getByLabel("Address").inputValue()).toBe(
      "https://hooks.example.org/rondo",
    );
    expect(await settings.getByText(/^whsec_/).count()).toBe(0);
    await settings.getByRole("button", { name: "Remove", exact: true }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove", exact: true }).click();
    await settings.getByRole("switch", { name: "Webhook", checked: false }).waitFor();
    expect(await settings.getByLabel("Address").inputValue()).toBe("");
  });

  test("in a private network is refused at its field", async () => {
    const { page } = await newPerson(browser);
    const settings = await card(page);
    await settings.getByLabel("Address").fill("https://10.0.0.1/hook");
    await settings.getByRole("button", { name: "Save the address" }).click();
    await settings.locator('input[aria-invalid="true"][type="url"]').waitFor();
    expect(await settings.getByText(/^whsec_/).count()).toBe(0);
  });
});

test("e-mail that nobody has set up can't be chosen, and says so", async () => {
  const { page } = await newPerson(browser);
  const settings = await card(page);
  await settings.getByText("has not set up e-mail").waitFor();
  expect(await settings.getByRole("switch", { name: "E-mail" }).isDisabled()).toBe(true);
});

describe("quiet hours", () => {
  test("are kept, and taken off", async () => {
    const { page } = await newPerson(browser);
    const settings = await card(page);
    await settings.getByText("There are none.").waitFor();
    await settings.getByLabel("From").fill("23:30");
    await settings.getByLabel("Until").fill("06:15");
    await settings.getByRole("button", { name: "Save the quiet hours" }).click();
    await settings.getByText("From 23:30 until 06:15").waitFor();
    await page.reload();
    await settings.getByText("From 23:30 until 06:15").waitFor();
    await settings.getByRole("button", { name: "Have none" }).click();
    await settings.getByText("There are none.").waitFor();
  });

  test("of no length are refused at both times, and say what to do", async () => {
    const { page } = await newPerson(browser);
    const settings = await card(page);
    await settings.getByLabel("From").fill("07:00");
    await settings.getByLabel("Until").fill("07:00");
    await settings.getByRole("button", { name: "Save the quiet hours" }).click();
    await settings.getByRole("alert").filter({ hasText: "Both are 07:00" }).waitFor();
    expect(await settings.locator('input[aria-invalid="true"]').count()).toBe(2);
    await expectAccessible(page);
    await settings.getByLabel("From").fill("22:00");
    await settings.getByRole("alert").waitFor({ state: "detached" });
  });
});

describe("push messages", () => {
  test("are turned on for this browser, which is listed until it is removed", async () => {
    const { page, settings, devices } = await withPushOn();
    await settings.getByRole("switch", { name: "On your devices", checked: true }).waitFor();
    expect(await settings.getByRole("button", { name: "Turn on for this browser" }).count()).toBe(
      0,
    );
    await page.reload();
    await devices.getByText("this browser").waitFor();
    await devices.getByRole("button", { name: /^Remove/ }).click();
    await devices.waitFor({ state: "detached" });
    await settings.getByRole("button", { name: "Turn on for this browser" }).waitFor();
  });

  test("that somebody forbids say what to do", async () => {
    const { page, context } = await newPerson(browser);
    await context.addInitScript(() => {
      Notification.requestPermission = () => Promise.resolve("denied");
    });
    await page.reload();
    const settings = await card(page);
    const turnOn = settings.getByRole("button", { name: "Turn on for this browser" });
    await turnOn.click();
    await settings.getByRole("alert").filter({ hasText: "Allow notifications" }).waitFor();
    expect(
      await page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length),
    ).toBe(0);
  });

  test("come to this browser still when its push service has moved it", async () => {
    const { page, context, devices } = await withPushOn();

    const told = page.waitForResponse(isSubscription);
    // Read anew, once the page has kept what it told.
    const listed = told.then(() => page.waitForResponse(isDeviceList));
    await move(page);
    await tellOfMove(context);
    expect(await (await told).json()).toMatchObject({ endpoint: await endpointOf(page) });
    await listed;
    await devices.getByText("this browser").waitFor();
    expect(await devices.getByRole("listitem").count()).toBe(1);

    await move(page);
    const toldLater = page.waitForResponse(isSubscription);
    await page.reload();
    expect(await (await toldLater).json()).toMatchObject({ endpoint: await endpointOf(page) });
    await devices.getByText("this browser").waitFor();
    expect(await devices.getByRole("listitem").count()).toBe(1);
    await devices.getByRole("button", { name: /^Remove/ }).click();
    await devices.waitFor({ state: "detached" });
  });

  test("are shown, the same one once, and a click leads to the task in the open page", async () => {
    const person = await withPushOn();
    const { page, context } = person;
    const { id } = await elsewhere(person).post("/api/tasks", { title: "Pay rent" });

    const push = await pushesTo(page, context);
    const times = await timesShown(context);
    const told = { notification_id: crypto.randomUUID(), task_id: id, task_instance_id: null };
    await push({ ...told, title: "Pay rent", body: "Due tomorrow" });
    await push({ ...told, title: "Pay rent", body: "Due now" });
    await expect.poll(times).toBe(2);
    expect(await shown(page)).toEqual(["Pay rent: Due now"]);

    await clickWhatIsShown(context);
    const editor = page.getByRole("dialog", { name: "Edit task" });
    await editor.waitFor();
    expect(await editor.getByLabel("Title").inputValue()).toBe("Pay rent");
  });
});

/** Somebody at the settings' card, in a browser that a push service serves. */
async function withPush(device?: Device) {
  const person = await newPerson(browser, device);
  const { page, context } = person;
  await standInForPushService(context);
  await context.grantPermissions(["notifications"]);
  await page.reload();
  return { ...person, settings: await card(page) };
}

/** The same, who has turned push on there. */
async function withPushOn() {
  const person = await withPush();
  await person.settings.getByRole("button", { name: "Turn on for this browser" }).click();
  const devices = person.settings.getByRole("list", { name: "Devices" });
  await devices.getByText("this browser").waitFor();
  return { ...person, devices };
}

eachLook("the channels are accessible and fit", (device) => {
  test("with nothing chosen, and with all there is", async () => {
    const { page, settings } = await withPush(device);
    await expectAccessibleAndFitting(page);
    await settings.getByRole("button", { name: "Turn on for this browser" }).click();
    await settings.getByRole("list", { name: "Devices" }).waitFor();
    await settings.getByLabel("Address").fill("https://hooks.example.org/rondo");
    await settings.getByRole("button", { name: "Save the address" }).click();
    await settings.getByText(/^whsec_/).waitFor();
    await settings.getByRole("button", { name: "Save the quiet hours" }).click();
    await settings.getByText("From 22:00 until 07:00").waitFor();
    await expectAccessibleAndFitting(page);
  });
});
