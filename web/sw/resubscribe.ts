/** What the service worker does when the browser's push service has ended this browser's subscription. */

import { readTold } from "../src/lib/push/told.ts";

/** The parts of a `PushSubscriptionChangeEvent`, of which browsers leave out now one and now the other. */
export interface Change {
  readonly newSubscription?: PushSubscription | null;
  readonly oldSubscription?: PushSubscription | null;
}

/**
 * Subscribes again with the same key, unless the browser has done it by itself, and tells the open pages, which tell the
 * service. If none is open, the next one that is finds that its browser has another subscription than it told of.
 */
export async function resubscribe(
  { newSubscription, oldSubscription }: Change,
  pushManager: PushManager,
  tellPages: () => Promise<void>,
): Promise<void> {
  if (newSubscription === undefined || newSubscription === null) {
    const applicationServerKey =
      oldSubscription?.options.applicationServerKey ?? (await readTold())?.publicKey;
    // Nobody has turned push on here, or has turned it off again.
    if (applicationServerKey === undefined) return;
    await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
  }
  await tellPages();
}
