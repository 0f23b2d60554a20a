import type { Task } from "../../lib/api/types.ts";

/** A task for tests, as the service has it: still to do, with nothing but a title, unless `told` otherwise. */
export function aTask(told: Partial<Task> = {}): Task {
  return {
    id: "t",
    title: "Pay rent",
    description: null,
    status: "pending",
    priority: "Medium",
    tags: [],
    due_at: null,
    completed_at: null,
    series_id: null,
    created_at: "2026-09-01T00:00:00Z",
    updated_at: "2026-09-01T00:00:00Z",
    version: 1,
    ...told,
  };
}
