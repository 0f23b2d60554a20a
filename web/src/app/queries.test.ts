import { MutationObserver, QueryObserver, type QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { unreachable } from "../lib/api/problem.ts";
import { newQueryClient } from "./queries.ts";

const queryKey = ["tasks"];

describe("without a network", () => {
  let queries: QueryClient;

  beforeEach(() => {
    queries = newQueryClient();
    queries.mount();
    window.dispatchEvent(new Event("offline"));
  });

  afterEach(() => {
    window.dispatchEvent(new Event("online"));
    queries.unmount();
  });

  test("a Rondo on the same computer is asked all the same", async () => {
    const queryFn = () => Promise.resolve("the list");
    expect(await queries.query({ queryKey, queryFn })).toBe("the list");
  });

  test("what can't be read says so, after a few tries", async () => {
    vi.useFakeTimers();
    const queryFn = vi.fn(() => Promise.reject(unreachable()));
    const query = queries.query({ queryKey, queryFn });
    const said = expect(query).rejects.toThrow("Rondo can't be reached");
    await vi.advanceTimersByTimeAsync(10_000);
    await said;
    expect(queryFn).toHaveBeenCalledTimes(3);
    vi.useRealTimers();
  });

  test("a change that can't be sent fails, and does not wait unsaid", async () => {
    const mutationFn = () => Promise.reject(unreachable());
    const change = new MutationObserver(queries, { mutationFn });
    await expect(change.mutate()).rejects.toThrow("Rondo can't be reached");
  });

  test("what is shown is read anew when the network is back", async () => {
    const queryFn = vi.fn(() => Promise.resolve("the list"));
    const end = new QueryObserver(queries, { queryKey, queryFn, staleTime: 0 }).subscribe(vi.fn());
    await vi.waitFor(() => expect(queryFn).toHaveBeenCalledOnce());
    window.dispatchEvent(new Event("online"));
    await vi.waitFor(() => expect(queryFn).toHaveBeenCalledTimes(2));
    end();
  });
});
