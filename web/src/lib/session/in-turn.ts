/**
 * One tab at a time: Web Locks. Browsers have them at safe addresses only, so that at plain HTTP on another host (a Rondo
 * in one's own network) a lease in the browser's store stands in for them.
 */

import { inStore } from "../browser-store.ts";
import { newKey } from "../key.ts";

const name = "rondo.refresh";
/** A tab that is closed in its turn keeps the others waiting for no longer than this. */
const leaseMs = 10_000;
const askAgainMs = 50;

interface Lease {
  readonly holder: string;
  readonly until: number;
}

/** Runs `task` while no other tab runs one. */
export async function inTurn<T>(task: () => Promise<T>): Promise<T> {
  return "locks" in navigator ? navigator.locks.request(name, task) : underLease(task);
}

async function underLease<T>(task: () => Promise<T>): Promise<T> {
  const holder = newKey();
  while (!(await isTaken(holder))) await new Promise((again) => setTimeout(again, askAgainMs));
  try {
    return await task();
  } finally {
    await giveBack(holder);
  }
}

/** Whether the lease is `holder`'s now: asked and taken in one transaction, so no two tabs get it. */
async function isTaken(holder: string): Promise<boolean> {
  let isOurs = false;
  await inStore("readwrite", (store) => {
    const asked = store.get(name) as IDBRequest<Lease | undefined>;
    asked.onsuccess = () => {
      isOurs = asked.result === undefined || asked.result.until <= Date.now();
      if (isOurs) store.put({ holder, until: Date.now() + leaseMs } satisfies Lease, name);
    };
    return asked;
  });
  return isOurs;
}

async function giveBack(holder: string): Promise<void> {
  await inStore("readwrite", (store) => {
    const asked = store.get(name) as IDBRequest<Lease | undefined>;
    asked.onsuccess = () => {
      if (asked.result?.holder === holder) store.delete(name);
    };
    return asked;
  });
}
