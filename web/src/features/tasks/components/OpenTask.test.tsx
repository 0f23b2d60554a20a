import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";

import type { Task } from "../../../lib/api/types.ts";
import { taskKeys } from "../api/cache.ts";
import { OpenTask } from "./OpenTask.tsx";

const task: Task = {
  id: "t",
  title: "Feed the cat",
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
};

function open(opened: Task): void {
  HTMLDialogElement.prototype.showModal = vi.fn();
  HTMLDialogElement.prototype.close = vi.fn();
  history.replaceState(null, "", `/?task=${opened.id}`);
  const queries = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity } } });
  queries.setQueryData(taskKeys.one(opened.id), opened);
  render(
    <QueryClientProvider client={queries}>
      <OpenTask id={opened.id} knownTags={[]} remindersOf={() => null} onClose={vi.fn()} />
    </QueryClientProvider>,
  );
}

test("a task that an address names is in the editor", () => {
  open(task);
  expect(screen.getByLabelText<HTMLInputElement>("Title").value).toBe("Feed the cat");
  expect(location.pathname + location.search).toBe("/?task=t");
});

test("of a series, it goes on to the times", () => {
  open({ ...task, series_id: "s" });
  expect(location.pathname + location.search).toBe("/recurring?task=t");
});
