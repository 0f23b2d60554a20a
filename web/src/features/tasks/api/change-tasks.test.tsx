import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { renderHook, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ReactNode } from "react";
import { beforeEach, describe, expect, test, vi } from "vitest";

import { Toasts } from "../../../components/Toasts.tsx";
import type { Status, Task } from "../../../lib/api/types.ts";
import { keepGrant } from "../../../lib/session/store.ts";
import { aTask } from "../test-task.ts";
import { refreshTasks, ticking } from "./cache.ts";
import { useSetDone } from "./change-tasks.ts";
import { noFilters } from "./filters.ts";
import { useTasks } from "./list-tasks.ts";

const task = (id: string, status: Status = "pending") => aTask({ id, title: `Task ${id}`, status });

/** A service that has these tasks; a completion waits as long as `held` says. */
class Service {
  readonly asked: Request[] = [];
  readonly held = new Map<string, Promise<void>>();
  #tasks: readonly Task[];

  constructor(...tasks: Task[]) {
    this.#tasks = tasks;
  }

  readonly fetch = async (request: Request): Promise<Response> => {
    this.asked.push(request.clone());
    const [, , , id] = new URL(request.url).pathname.split("/");
    if (request.method === "GET") return this.#list();
    await this.held.get(id ?? "");
    const status =
      request.method === "PATCH" ? ((await request.json()) as Task).status : "completed";
    this.#tasks = this.#tasks.map((one) =>
      one.id === id ? { ...one, status, version: one.version + 1 } : one,
    );
    return Response.json(this.#tasks.find((one) => one.id === id));
  };

  #list(): Response {
    const total = this.#tasks.length;
    return Response.json({ tasks: this.#tasks, total, page: 1, page_size: 50 });
  }
}

let queries: QueryClient;

beforeEach(async () => {
  await keepGrant({ user: { id: "a" }, access_token: "t", expires_in: 900, refresh_token: "r" });
  queries = new QueryClient();
});

/** The list over `service`, and what ticks its tasks off. */
async function show(service: Service) {
  vi.stubGlobal("fetch", service.fetch);
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={queries}>
      {children}
      <Toasts />
    </QueryClientProvider>
  );
  const { result } = renderHook(
    () => ({ list: useTasks(noFilters).data?.tasks, setDone: useSetDone() }),
    { wrapper },
  );
  await waitFor(() => expect(result.current.list).toBeDefined());
  const find = (id: string) => result.current.list?.find((one) => one.id === id);
  return {
    statusOf: (id: string) => find(id)?.status,
    complete: (id: string) =>
      result.current.setDone.mutate({ task: find(id) ?? task(id), done: true }),
  };
}

describe("completing", () => {
  test("is taken back to what the task was before, if nobody has changed it since", async () => {
    const service = new Service(task("a", "in_progress"));
    const { statusOf, complete } = await show(service);
    complete("a");
    await userEvent.click(await screen.findByText("Undo"));
    await waitFor(() => expect(service.asked.map(({ method }) => method)).toContain("PATCH"));
    const undo = service.asked.find(({ method }) => method === "PATCH");
    expect(undo?.headers.get("if-match")).toBe('"2"');
    expect(await undo?.json()).toEqual({ status: "in_progress" });
    await waitFor(() => expect(statusOf("a")).toBe("in_progress"));
  });

  test("one shows without a break, whatever is read while the service has not answered", async () => {
    const service = new Service(task("a"), task("b"));
    const { statusOf, complete } = await show(service);
    const lists = () => service.asked.filter(({ method }) => method === "GET").length;
    let answer: () => void = () => undefined;
    service.held.set("b", new Promise((resolve) => (answer = resolve)));
    complete("a");
    complete("b");
    await waitFor(() => expect(queries.isMutating(ticking)).toBe(1));
    await refreshTasks(queries);
    expect([statusOf("a"), statusOf("b")]).toEqual(["completed", "completed"]);
    const before = lists();
    answer();
    await waitFor(() => expect(lists()).toBe(before + 1));
    await waitFor(() => expect(queries.isFetching()).toBe(0));
    expect([statusOf("a"), statusOf("b")]).toEqual(["completed", "completed"]);
  });
});
