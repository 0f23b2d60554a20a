/**
 * What is read in one tab is read in all of this browser: the event stream does not tell it, so tabs tell each other. Other
 * browsers find out when somebody looks at them again.
 */

/** A tab does not hear what it says itself. */
const channel = new BroadcastChannel("rondo.notifications");

/** Has other tabs read their notifications anew. */
export function tellOtherTabs(): void {
  channel.postMessage("read");
}

/** Calls `listener` whenever another tab has read some; returns what ends that. */
export function onReadElsewhere(listener: () => void): () => void {
  channel.addEventListener("message", listener);
  return () => channel.removeEventListener("message", listener);
}
