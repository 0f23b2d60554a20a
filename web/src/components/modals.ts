/** The modal dialogs that are open. Whatever is outside of the one on top is inert: it takes no click, and no one hears of it. */

import { useSyncExternalStore } from "react";

let open: readonly HTMLDialogElement[] = [];
const listeners = new Set<() => void>();

/** The dialog is shown, over all others. */
export function putOnTop(dialog: HTMLDialogElement): void {
  set([...open, dialog]);
}

/** The dialog is about to leave the page. */
export function takeAway(dialog: HTMLDialogElement): void {
  set(open.filter((one) => one !== dialog));
}

/** The dialog on top of all; `null` while there is none, and nothing is inert. */
export function useTopModal(): HTMLDialogElement | null {
  return useSyncExternalStore(subscribe, () => open.at(-1) ?? null);
}

function set(next: readonly HTMLDialogElement[]): void {
  open = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
