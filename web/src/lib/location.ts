/** The address bar as a store: where the page is, and how it goes elsewhere. */

import { useSyncExternalStore } from "react";

const listeners = new Set<() => void>();

export function useAddress(): URL {
  const href = useSyncExternalStore(subscribe, () => location.href);
  return new URL(href);
}

/** Goes to an address of the page; `replace` leaves no step for the Back button. */
export function goTo(address: string, step: "push" | "replace" = "push"): void {
  if (step === "push") history.pushState(null, "", address);
  else history.replaceState(null, "", address);
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener("popstate", listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("popstate", listener);
  };
}
