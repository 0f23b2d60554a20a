/** What stands in for the push service and for what a browser does with its messages; the service worker is the real one. */

import type { BrowserContext, Page, Response, Worker } from "playwright-core";

import { baseUrl } from "./browser.ts";

/** No push service can be reached here: the browser's edge answers as if one had given it a subscription. */
export async function standInForPushService(context: BrowserContext): Promise<void> {
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

export const isSubscription = (reply: Response) => isOfDevices(reply, "POST");
export const isDeviceList = (reply: Response) => isOfDevices(reply, "GET");

function isOfDevices(reply: Response, method: string): boolean {
  return reply.request().method() === method && reply.url().endsWith("/api/push-subscriptions");
}

/** The service worker, of which the test may hear a little later than the page. */
async function workerOf(context: BrowserContext): Promise<Worker> {
  return context.serviceWorkers()[0] ?? context.waitForEvent("serviceworker");
}

/** The stand-in for the push service gives this browser another endpoint. */
export async function move(page: Page): Promise<void> {
  await page.evaluate(() => {
    const key = "stand-in.subscription";
    const parts = JSON.parse(localStorage.getItem(key) ?? "") as object;
    const endpoint = `https://push.example.org/moved/${crypto.randomUUID()}`;
    localStorage.setItem(key, JSON.stringify({ ...parts, endpoint }));
  });
}

export async function endpointOf(page: Page): Promise<string> {
  const kept = await page.evaluate(() => localStorage.getItem("stand-in.subscription"));
  return (JSON.parse(kept ?? "") as { endpoint: string }).endpoint;
}

/** The browser tells the service worker that the old subscription has ended; subscribing anew works. */
export async function tellOfMove(context: BrowserContext): Promise<void> {
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
export async function pushesTo(page: Page, context: BrowserContext) {
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
export async function timesShown(context: BrowserContext): Promise<() => Promise<number>> {
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
export function shown(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    const notifications = await registration.getNotifications();
    return notifications.map(({ title, body }) => `${title}: ${body}`);
  });
}

export async function clickWhatIsShown(context: BrowserContext): Promise<void> {
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
