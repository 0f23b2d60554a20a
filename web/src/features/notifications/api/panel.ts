/** What asks for the panel from elsewhere in the page: a toast that stands for several notifications. */

const listeners = new Set<() => void>();

export function showPanel(): void {
  for (const listener of listeners) listener();
}

/** Calls `listener` when the panel is asked for; returns what ends that. */
export function onShowPanel(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
