/** Where in the page a task is shown: an address for links, toasts and what a push opens. */

interface Subject {
  /** The task; of an occurrence, the template of its series. */
  readonly task_id: string | null;
  readonly task_instance_id: string | null;
}

/** The name under which an address says which task is open. */
export const openTask = "task";

/** The address that shows what something is about; `null` if that is gone. */
export function placeOf({ task_id, task_instance_id }: Subject): string | null {
  if (task_id === null) return null;
  return task_instance_id === null ? `/?${openTask}=${task_id}` : placeOfSeries(task_id);
}

/** The address that shows the times of a series, of which this task is the template. */
export function placeOfSeries(taskId: string): string {
  return `/recurring?${openTask}=${taskId}`;
}

/** The same address with no task open. */
export function withoutOpenTask(address: URL): string {
  const without = new URL(address);
  without.searchParams.delete(openTask);
  return without.pathname + without.search;
}
