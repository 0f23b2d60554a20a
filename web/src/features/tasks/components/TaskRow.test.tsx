import { QueryClient, QueryClientProvider, type InfiniteData } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, test, vi } from "vitest";

import type { Task, TaskPage } from "../../../lib/api/types.ts";
import { keepGrant } from "../../../lib/session/store.ts";
import { aTask } from "../test-task.ts";
import { taskKeys } from "../api/cache.ts";
import { TaskRow } from "./TaskRow.tsx";

const task = aTask({
  id: "018f0000-0000-7000-8000-000000000001",
  priority: "High",
  tags: ["home"],
  due_at: "2026-10-01T08:00:00Z",
});
const listKey = [...taskKeys.lists, "all"];
let queries: QueryClient;

beforeEach(async () => {
  await keepGrant({ user: { id: "a" }, access_token: "t", expires_in: 900, refresh_token: "r" });
  queries = new QueryClient();
  const page: TaskPage = { tasks: [task], total: 1, page: 1, page_size: 50 };
  queries.setQueryData(listKey, { pages: [page], pageParams: [1] });
});

function show(shown: Task = task, now = new Date("2026-10-01T12:00:00Z")) {
  const nothing = vi.fn();
  render(
    <QueryClientProvider client={queries}>
      <TaskRow
        task={shown}
        now={now}
        selected={null}
        onSelect={nothing}
        onEdit={nothing}
        onDelete={nothing}
      />
    </QueryClientProvider>,
  );
}

const shownStatus = () =>
  queries.getQueryData<InfiniteData<TaskPage>>(listKey)?.pages[0]?.tasks[0]?.status;

describe("a task in the list", () => {
  test("completing shows at once, before the service has answered", async () => {
    vi.stubGlobal("fetch", () => new Promise(() => undefined));
    show();
    await userEvent.click(screen.getByRole("checkbox"));
    await waitFor(() => expect(shownStatus()).toBe("completed"));
  });

  test("a refused completion is taken back", async () => {
    const { promise, resolve } = promiseOfReply();
    vi.stubGlobal("fetch", () => promise);
    show();
    await userEvent.click(screen.getByRole("checkbox"));
    await waitFor(() => expect(shownStatus()).toBe("completed"));
    resolve(Response.json({ detail: "No." }, { status: 409 }));
    await waitFor(() => expect(shownStatus()).toBe("pending"));
  });

  test("of a series leads to its times, which are what is done", () => {
    show({ ...task, series_id: "s" });
    expect(screen.queryByRole("checkbox")).toBeNull();
    expect(screen.getByRole("link", { name: "Times of Pay rent" }).getAttribute("href")).toBe(
      `/recurring?task=${task.id}`,
    );
  });

  test("of a series, ticked all the same, can be opened again", () => {
    show({ ...task, series_id: "s", status: "completed" });
    expect(screen.getByRole<HTMLInputElement>("checkbox").checked).toBe(true);
  });

  test("what is late says so in words", () => {
    show();
    expect(screen.getByText(/Overdue: Today/)).toBeTruthy();
  });

  test("what is done is never late", () => {
    show({ ...task, status: "completed" });
    expect(screen.queryByText(/Overdue/)).toBeNull();
  });
});

function promiseOfReply() {
  let resolve: (reply: Response) => void = () => undefined;
  const promise = new Promise<Response>((settle) => {
    resolve = settle;
  });
  return { promise, resolve: (reply: Response) => resolve(reply) };
}
