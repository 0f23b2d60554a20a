/**
 * One tab at a time: Web Locks. Browsers have them at safe addresses only, so that at plain HTTP on another host (a Rondo
 * in one's own network) a lease in the browser's store stands in for them.
 */

import { inStore } from "../browser-store.ts";
import { newKey } from "../key.ts";

const name = "rondo.refresh";
/** A tab that is closed in its turn keeps the others waiting for no longer than this; one that is open prolongs its lease. */
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
  // What fails once is tried again before the lease ends.
  const prolonging = setInterval(() => void prolong(holder).catch(() => undefined), leaseMs / 4);
  try {
    return await task();
  } finally {
    clearInterval(prolonging);
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
      if (isOurs) store.put(leaseOf(holder), name);
    };
    return asked;
  });
  return isOurs;
}

function leaseOf(holder: string): Lease {
  return { holder, until: Date.now() + leaseMs };
}

const prolong = (holder: string) => whileHeld(holder, (store) => store.put(leaseOf(holder), name));

const giveBack = (holder: string) => whileHeld(holder, (store) => store.delete(name));

/** Does something if the lease is still `holder`'s, in one transaction. */
async function whileHeld(holder: string, act: (store: IDBObjectStore) => void): Promise<void> {
  await inStore("readwrite", (store) => {
    const asked = store.get(name) as IDBRequest<Lease | undefined>;
    asked.onsuccess = () => {
      if (asked.result?.holder === holder) act(store);
    };
    return asked;
  });
}
