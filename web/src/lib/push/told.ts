/** What the service was last told of this browser: kept for the page and for the service worker, which has no token to ask with. */

import { inStore } from "../browser-store.ts";

export interface Told {
  /** Who is pushed to here. */
  readonly userId: string;
  readonly endpoint: string;
  /** What the browser was subscribed with, as base64url. */
  readonly publicKey: string;
}

const key = "push";

export async function readTold(): Promise<Told | null> {
  const found: unknown = await inStore("readonly", (store) => store.get(key));
  return isTold(found) ? found : null;
}

export async function keepTold(told: Told): Promise<void> {
  await inStore("readwrite", (store) => store.put(told, key));
}

export async function forgetTold(): Promise<void> {
  await inStore("readwrite", (store) => store.delete(key));
}

function isTold(value: unknown): value is Told {
  return (
    typeof value === "object" &&
    value !== null &&
    ["userId", "endpoint", "publicKey"].every(
      (name) => typeof (value as Record<string, unknown>)[name] === "string",
    )
  );
}
