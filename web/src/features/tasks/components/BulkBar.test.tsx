import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";

import type { Task } from "../../../lib/api/types.ts";
import { keepGrant } from "../../../lib/session/store.ts";
import { aTask } from "../test-task.ts";
import { BulkBar } from "./BulkBar.tsx";

const task = aTask();
const template: Task = { ...task, id: "s", series_id: "s" };

beforeEach(() => {
  HTMLDialogElement.prototype.showModal = vi.fn();
  HTMLDialogElement.prototype.close = vi.fn();
});

test.each([
  { tasks: [task, task], consequence: "They are gone for good." },
  {
    tasks: [template],
    consequence: "It is gone for good, with its series and all its times.",
  },
  {
    tasks: [task, template],
    consequence:
      "They are gone for good. One of them recurs: its series and all its times go with it.",
  },
  {
    tasks: [task, template, template],
    consequence:
      "They are gone for good. 2 of them recur: their series and all their times go with them.",
  },
])("before several are deleted, it is said: $consequence", async ({ tasks, consequence }) => {
  const nothing = vi.fn();
  render(
    <QueryClientProvider client={new QueryClient()}>
      <BulkBar tasks={tasks} isAll knownTags={[]} onSelectAll={nothing} onDone={nothing} />
    </QueryClientProvider>,
  );
  await userEvent.click(screen.getByRole("button", { name: "Delete" }));
  expect(screen.getByText(consequence)).toBeTruthy();
});

test("completing several leaves out what recurs: its times are what is done", async () => {
  const asked = vi.fn<(request: Request) => Promise<Response>>(() =>
    Promise.resolve(Response.json({ changed: 1 })),
  );
  vi.stubGlobal("fetch", asked);
  await keepGrant({ user: { id: "a" }, access_token: "t", expires_in: 900, refresh_token: "r" });
  const done = vi.fn();
  render(
    <QueryClientProvider client={new QueryClient()}>
      <BulkBar tasks={[task, template]} isAll knownTags={[]} onSelectAll={done} onDone={done} />
    </QueryClientProvider>,
  );
  await userEvent.click(screen.getByRole("button", { name: "Complete" }));
  await waitFor(() => expect(done).toHaveBeenCalledOnce());
  expect(await asked.mock.calls[0]?.[0].json()).toEqual({ action: "complete", ids: ["t"] });
});
