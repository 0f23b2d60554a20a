import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";

import type { Task } from "../../../lib/api/types.ts";
import { keepGrant } from "../../../lib/session/store.ts";
import { aTask } from "../test-task.ts";
import { OpenTask } from "./OpenTask.tsx";

const task = aTask({ title: "Feed the cat" });

let queries: QueryClient;

beforeEach(async () => {
  await keepGrant({ user: { id: "a" }, access_token: "t", expires_in: 900, refresh_token: "r" });
  HTMLDialogElement.prototype.showModal = vi.fn();
  HTMLDialogElement.prototype.close = vi.fn();
  queries = new QueryClient();
});

/** Opens the task of the address, over a service that has it as it is `stored`. */
function open(stored: Task) {
  vi.stubGlobal("fetch", () => Promise.resolve(Response.json(stored)));
  history.replaceState(null, "", `/?task=${stored.id}`);
  return render(
    <QueryClientProvider client={queries}>
      <OpenTask id={stored.id} knownTags={[]} remindersOf={() => null} onClose={vi.fn()} />
    </QueryClientProvider>,
  );
}

const status = async () => (await screen.findByLabelText<HTMLSelectElement>("Status")).value;

test("a task that an address names is in the editor", async () => {
  open(task);
  expect((await screen.findByLabelText<HTMLInputElement>("Title")).value).toBe("Feed the cat");
  expect(location.pathname + location.search).toBe("/?task=t");
});

test("one that is opened again is as it is by then", async () => {
  const { unmount } = open(task);
  expect(await status()).toBe("pending");
  unmount();
  await waitFor(() => expect(queries.isFetching()).toBe(0));
  open({ ...task, status: "completed", version: 2 });
  expect(await status()).toBe("completed");
});

test("of a series, it goes on to the times", async () => {
  open({ ...task, series_id: "s" });
  await waitFor(() => expect(location.pathname + location.search).toBe("/recurring?task=t"));
});
