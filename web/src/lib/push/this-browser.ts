/** Push messages to this browser: its edge, the Push API (https://www.w3.org/TR/push-api/). */

import { forgetTold, readTold } from "./told.ts";

/** What this browser is asked to do failed, or somebody said no; the message says what to do. */
export class PushError extends Error {
  override readonly name = "PushError";
}

/** Where the service worker is; nobody has it before they turn push on. */
const worker = "/sw.js";

/**
 * `unsupported`: it can't, or not at this address (push needs HTTPS or localhost); `forbidden`: its user said no; `on`: it is
 * subscribed, at `endpoint`.
 */
export type PushState =
  | { readonly state: "unsupported" | "forbidden" | "off" }
  | { readonly state: "on"; readonly endpoint: string };

export async function pushState(): Promise<PushState> {
  if (!isSupported()) return { state: "unsupported" };
  if (Notification.permission === "denied") return { state: "forbidden" };
  const subscription = await currentSubscription();
  return subscription === null
    ? { state: "off" }
    : { state: "on", endpoint: subscription.endpoint };
}

/** Asks the user, who has to have clicked for it. */
export async function askPermission(): Promise<void> {
  const permission = await Notification.requestPermission();
  if (permission === "granted") return;
  throw new PushError(
    permission === "denied"
      ? "Your browser forbids it. Allow notifications for this site in its settings, then try again."
      : "You have not allowed notifications. Try again, and allow them when your browser asks.",
  );
}

/** Subscribes this browser to messages of whoever has `publicKey` (base64url, uncompressed P-256). */
export async function subscribe(publicKey: string): Promise<PushSubscriptionJSON> {
  await navigator.serviceWorker.register(worker, { updateViaCache: "none" });
  const { pushManager } = await navigator.serviceWorker.ready;
  // One that was made for another key can't be taken over.
  await (await pushManager.getSubscription())?.unsubscribe();
  const subscription = await pushManager
    .subscribe({ userVisibleOnly: true, applicationServerKey: publicKey })
    .catch((error: unknown) => {
      const reason = error instanceof Error ? ` (${error.message})` : "";
      throw new PushError(
        `Your browser could not reach its push service${reason}. Try again later.`,
      );
    });
  return subscription.toJSON();
}

/** Has this browser take no more messages; nothing happens if it takes none. */
export async function unsubscribe(): Promise<void> {
  await forgetTold();
  if (isSupported()) await (await currentSubscription())?.unsubscribe();
}

/** Has this browser take no more messages of anybody else than `userId`, whose session ended without their signing out. */
export async function unsubscribeOthers(userId: string): Promise<void> {
  const told = await readTold();
  if (told !== null && told.userId !== userId) await unsubscribe();
}

/** What this browser is subscribed with, which its push service may have changed since it was asked for. */
export async function subscriptionHere(): Promise<PushSubscriptionJSON | null> {
  return isSupported() ? ((await currentSubscription())?.toJSON() ?? null) : null;
}

/** Calls `listener` when the service worker has subscribed anew; returns what ends that. */
export function onPushChanged(listener: () => void): () => void {
  if (!("serviceWorker" in navigator)) return () => undefined;
  const { serviceWorker } = navigator;
  const listen = ({ data }: MessageEvent<unknown>) => {
    if (typeof data === "object" && data !== null && "pushChanged" in data) listener();
  };
  serviceWorker.addEventListener("message", listen);
  return () => serviceWorker.removeEventListener("message", listen);
}

async function currentSubscription(): Promise<PushSubscription | null> {
  const registration = await navigator.serviceWorker.getRegistration(worker);
  return (await registration?.pushManager.getSubscription()) ?? null;
}

function isSupported(): boolean {
  return "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
}
