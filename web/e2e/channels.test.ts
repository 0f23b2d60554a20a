import type { BrowserContext, Page, Response, Worker } from "playwright-core";
import { describe, expect, test } from "vitest";

import {
  add,
  baseUrl,
  browser,
  desktop,
  expectAccessible,
  expectNoSidewaysScroll,
  newPerson,
  phone,
} from "./browser.ts";

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
    const { page, context } = await newPerson(browser);
    await add(page, "Pay rent");
    await standInForPushService(context);
    await context.grantPermissions(["notifications"]);
    const listed = page.waitForResponse((reply) => reply.url().includes("/api/tasks?"));
    await page.reload();
    const { tasks } = (await (await listed).json()) as { tasks: { id: string }[] };
    const settings = await card(page);
    await settings.getByRole("button", { name: "Turn on for this browser" }).click();
    await settings.getByText("this browser", { exact: false }).first().waitFor();

    const push = await pushesTo(page, context);
    const times = await timesShown(context);
    const told = {
      notification_id: crypto.randomUUID(),
      task_id: tasks[0]?.id,
      task_instance_id: null,
    };
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

/** No push service can be reached here: the browser's edge answers as if one had given it a subscription. */
async function standInForPushService(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const key = "stand-in.subscription";
    const bytes = (text: string) => new TextEncoder().encode(text);
    const base64url = (data: Uint8Array) =>
      btoa(String.fromCharCode(...data))
        .replaceAll("+", "-")
        .replaceAll("/", "_")
        .replaceAll("=", "");
    const subscription = ({ endpoint, p256dh }: { endpoint: string; p256dh: string }) => ({
      endpoint,
      toJSON: () => ({ endpoint, keys: { p256dh, auth: base64url(bytes("sixteen secret b")) } }),
      unsubscribe: () => {
        localStorage.removeItem(key);
        return Promise.resolve(true);
      },
    });
    Object.assign(PushManager.prototype, {
      getSubscription: () => {
        const kept = localStorage.getItem(key);
        const parts = JSON.parse(kept ?? "null") as Parameters<typeof subscription>[0] | null;
        return Promise.resolve(parts === null ? null : subscription(parts));
      },
      subscribe: async () => {
        const endpoint = `https://push.example.org/${crypto.randomUUID()}`;
        const pair = await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, true, [
          "deriveBits",
        ]);
        const raw = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
        const parts = { endpoint, p256dh: base64url(raw) };
        localStorage.setItem(key, JSON.stringify(parts));
        return subscription(parts);
      },
    });
  });
}

/** Somebody who has turned push on for this browser, at the settings' card of it. */
async function withPushOn() {
  const { page, context } = await newPerson(browser);
  await standInForPushService(context);
  await context.grantPermissions(["notifications"]);
  await page.reload();
  const settings = await card(page);
  await settings.getByRole("button", { name: "Turn on for this browser" }).click();
  const devices = settings.getByRole("list", { name: "Devices" });
  await devices.getByText("this browser").waitFor();
  return { page, context, settings, devices };
}

const isSubscription = (reply: Response) => isOfDevices(reply, "POST");
const isDeviceList = (reply: Response) => isOfDevices(reply, "GET");

function isOfDevices(reply: Response, method: string): boolean {
  return reply.request().method() === method && reply.url().endsWith("/api/push-subscriptions");
}

/** The service worker, of which the test may hear a little later than the page. */
async function workerOf(context: BrowserContext): Promise<Worker> {
  return context.serviceWorkers()[0] ?? context.waitForEvent("serviceworker");
}

/** The stand-in for the push service gives this browser another endpoint. */
async function move(page: Page): Promise<void> {
  await page.evaluate(() => {
    const key = "stand-in.subscription";
    const parts = JSON.parse(localStorage.getItem(key) ?? "") as object;
    const endpoint = `https://push.example.org/moved/${crypto.randomUUID()}`;
    localStorage.setItem(key, JSON.stringify({ ...parts, endpoint }));
  });
}

async function endpointOf(page: Page): Promise<string> {
  const kept = await page.evaluate(() => localStorage.getItem("stand-in.subscription"));
  return (JSON.parse(kept ?? "") as { endpoint: string }).endpoint;
}

/** The browser tells the service worker that the old subscription has ended; subscribing anew works. */
async function tellOfMove(context: BrowserContext): Promise<void> {
  const worker = await workerOf(context);
  await worker.evaluate(() => {
    const scope = globalThis as unknown as {
      PushManager: { prototype: object };
      ExtendableEvent: new (type: string) => Event;
    };
    Object.assign(scope.PushManager.prototype, { subscribe: () => Promise.resolve({}) });
    dispatchEvent(new scope.ExtendableEvent("pushsubscriptionchange"));
  });
}

interface Registrations {
  readonly registrations: readonly { readonly registrationId: string }[];
}

/** Delivers push messages as the browser does when they have come and been decrypted. */
async function pushesTo(page: Page, context: BrowserContext) {
  const devtools = await context.newCDPSession(page);
  const registered = new Promise<string>((resolve) => {
    devtools.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }: Registrations) => {
      const [first] = registrations;
      if (first !== undefined) resolve(first.registrationId);
    });
  });
  await devtools.send("ServiceWorker.enable");
  const registrationId = await registered;
  return (message: object) =>
    devtools.send("ServiceWorker.deliverPushMessage", {
      origin: new URL(baseUrl).origin,
      registrationId,
      data: JSON.stringify(message),
    });
}

interface Counting {
  readonly registration: ServiceWorkerRegistration;
  timesShown: number;
}

/**
 * How often from now on the service worker has shown something. Chromium drops what it is about to show if it is asked at that
 * moment what it shows, so that can't be asked until it is there.
 */
async function timesShown(context: BrowserContext): Promise<() => Promise<number>> {
  const worker = await workerOf(context);
  await worker.evaluate(() => {
    const scope = globalThis as unknown as Counting;
    const { registration } = scope;
    const show = registration.showNotification.bind(registration);
    scope.timesShown = 0;
    registration.showNotification = async (...what) => {
      await show(...what);
      scope.timesShown += 1;
    };
  });
  return () => worker.evaluate(() => (globalThis as unknown as Counting).timesShown);
}

/** What the browser shows of what was pushed. */
function shown(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    const notifications = await registration.getNotifications();
    return notifications.map(({ title, body }) => `${title}: ${body}`);
  });
}

async function clickWhatIsShown(context: BrowserContext): Promise<void> {
  const worker = await workerOf(context);
  await worker.evaluate(async () => {
    const scope = globalThis as unknown as {
      registration: ServiceWorkerRegistration;
      NotificationEvent: new (type: string, init: { notification: Notification }) => Event;
    };
    const [notification] = await scope.registration.getNotifications();
    if (notification === undefined) throw new Error("nothing is shown");
    dispatchEvent(new scope.NotificationEvent("notificationclick", { notification }));
  });
}

const looks = {
  "on a desk": desktop,
  "on a desk in the dark": { ...desktop, colorScheme: "dark" },
  "on a phone 360 px wide": phone,
} as const;

describe.each(Object.entries(looks))("the channels are accessible and fit %s", (_, device) => {
  test("with nothing chosen, and with all there is", async () => {
    const { page, context } = await newPerson(browser, device);
    await standInForPushService(context);
    await context.grantPermissions(["notifications"]);
    await page.reload();
    const settings = await card(page);
    await check(page);
    await settings.getByRole("button", { name: "Turn on for this browser" }).click();
    await settings.getByRole("list", { name: "Devices" }).waitFor();
    await settings.getByLabel("Address").fill("https://hooks.example.org/rondo");
    await settings.getByRole("button", { name: "Save the address" }).click();
    await settings.getByText(/^whsec_/).waitFor();
    await settings.getByRole("button", { name: "Save the quiet hours" }).click();
    await settings.getByText("From 22:00 until 07:00").waitFor();
    await check(page);
  });
});

async function check(page: Page): Promise<void> {
  await expectAccessible(page);
  await expectNoSidewaysScroll(page);
}
