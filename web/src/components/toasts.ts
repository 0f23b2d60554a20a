/** Short messages at the edge of the page, for what was done out of sight. */

import { useSyncExternalStore } from "react";

export interface Toast {
  readonly id: number;
  readonly kind: "good" | "bad" | "news";
  readonly text: string;
  readonly action?: { readonly label: string; readonly run: () => void } | undefined;
}

const shownMs = 7_000;
let toasts: readonly Toast[] = [];
let nextId = 1;
const listeners = new Set<() => void>();

export function showToast(toast: Omit<Toast, "id">): void {
  const id = nextId++;
  set([...toasts.slice(-2), { ...toast, id }]);
  setTimeout(() => dismissToast(id), shownMs);
}

export function dismissToast(id: number): void {
  set(toasts.filter((toast) => toast.id !== id));
}

export function useToasts(): readonly Toast[] {
  return useSyncExternalStore(subscribe, () => toasts);
}

function set(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
