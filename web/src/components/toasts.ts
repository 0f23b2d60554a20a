/** Short messages at the edge of the page, for what was done out of sight. */

import { useMemo, useSyncExternalStore } from "react";

export interface Toast {
  readonly id: number;
  readonly kind: "good" | "bad" | "news";
  readonly text: string;
  readonly action?: ToastAction | undefined;
  /** Leads to where this and others like it are kept: to it, when there is no room for this one. */
  readonly showAll?: () => void;
}

export interface ToastAction {
  readonly label: string;
  readonly run: () => void;
  /** It leads elsewhere in the page. That is not offered over a dialog, which might hold what somebody has not saved. */
  readonly leadsAway?: boolean;
}

/** What there is room for, and how many more there are to be found where `showAll` leads. */
export interface Shelf {
  readonly shown: readonly Toast[];
  readonly more: number;
  readonly showAll: (() => void) | null;
}

const shownMs = 7_000;
/** How long after somebody was found at the messages it is looked whether they have gone. */
const lookAgainMs = 1_000;
const room = 3;
let toasts: readonly Toast[] = [];
let nextId = 1;
let isAttended = () => false;
const listeners = new Set<() => void>();

/** Shows a toast to whoever is signed in. What is said when nobody is any more was for the one who has gone. */
export function showToast(toast: Omit<Toast, "id">): void {
  if (listeners.size === 0) return;
  const id = nextId++;
  set([...toasts, { ...toast, id }]);
  dismissLater(id, shownMs);
}

/** Nothing goes by itself while `attended` says that somebody is at it. */
export function holdToastsWhile(attended: () => boolean): void {
  isAttended = attended;
}

function dismissLater(id: number, ms: number): void {
  setTimeout(() => {
    if (isAttended()) dismissLater(id, lookAgainMs);
    else dismissToast(id);
  }, ms);
}

export function dismissToast(id: number): void {
  set(toasts.filter((toast) => toast.id !== id));
}

/** Takes all away: somebody else may come. */
export function clearToasts(): void {
  set([]);
}

/** Takes away all that is kept elsewhere: somebody goes there. */
export function dismissKept(): void {
  set(toasts.filter((toast) => !isKept(toast)));
}

export function useToasts(): Shelf {
  const all = useSyncExternalStore(subscribe, () => toasts);
  return useMemo(() => shelfOf(all), [all]);
}

/**
 * The latest, as many as there is room for. What is kept elsewhere gives way to what is said nowhere else, and is counted;
 * the rest is shown again as room is made.
 */
function shelfOf(all: readonly Toast[]): Shelf {
  const said = all.filter((toast) => !isKept(toast)).slice(-room);
  const kept = all.filter(isKept);
  const hidden = kept.slice(0, Math.max(0, said.length + kept.length - room));
  return {
    shown: all.filter(
      (toast) => said.includes(toast) || (isKept(toast) && !hidden.includes(toast)),
    ),
    more: hidden.length,
    showAll: hidden.at(-1)?.showAll ?? null,
  };
}

function isKept({ showAll }: Toast): boolean {
  return showAll !== undefined;
}

function set(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
