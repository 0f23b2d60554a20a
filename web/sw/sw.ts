/**
 * The service worker: it shows what is pushed, and a click on that leads to the task; it subscribes again when the browser's
 * push service ends the subscription. It keeps nothing of the page, and is only there where push has been turned on.
 */

import { resubscribe } from "./resubscribe.ts";
import { shownOf } from "./shown.ts";

declare const self: ServiceWorkerGlobalScope;

/** A new version has nothing to wait for. */
self.addEventListener("install", (event) => event.waitUntil(self.skipWaiting()));

self.addEventListener("push", (event) => {
  const { title, body, tag, place } = shownOf(event.data?.text());
  event.waitUntil(
    self.registration.showNotification(title, { body, tag, icon: "/favicon.svg", data: place }),
  );
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const place: unknown = event.notification.data;
  event.waitUntil(open(typeof place === "string" ? place : "/"));
});

self.addEventListener("pushsubscriptionchange", (event) => {
  event.waitUntil(resubscribe(event, self.registration.pushManager, tellPages));
});

async function tellPages(): Promise<void> {
  for (const page of await pages()) page.postMessage({ pushChanged: true });
}

/** Goes there in a window that is open already, or in a new one. */
async function open(place: string): Promise<void> {
  const windows = await pages();
  const shown = windows.find(({ focused }) => focused) ?? windows[0];
  if (shown === undefined) {
    await self.clients.openWindow(place);
    return;
  }
  shown.postMessage({ goTo: place });
  await shown.focus();
}

function pages(): Promise<readonly WindowClient[]> {
  return self.clients.matchAll({ type: "window", includeUncontrolled: true });
}
