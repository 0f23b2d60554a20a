import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, renderHook } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { keepGrant } from "../../../lib/session/store.ts";
import { useSeriesList } from "./series.ts";

const at = (time: string) => `2026-10-01T${time}Z`;
let next: string | null;
let status: string;
let asked: number;

beforeEach(async () => {
  await keepGrant({ user: { id: "a" }, access_token: "t", expires_in: 900, refresh_token: "r" });
  vi.useFakeTimers({ now: new Date(at("08:58:00")) });
  next = at("09:00:00");
  status = "active";
  asked = 0;
  vi.stubGlobal("fetch", () => {
    asked += 1;
    const series = { id: "s", status, next_occurrence_at: next };
    return Promise.resolve(
      Response.json({ recurring_tasks: [series], total: 1, page: 1, page_size: 20 }),
    );
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const pass = (seconds: number) => act(() => vi.advanceTimersByTimeAsync(seconds * 1_000));

async function look() {
  const queries = new QueryClient();
  const wrapper = ({ children }: { readonly children: ReactNode }) => (
    <QueryClientProvider client={queries}>{children}</QueryClientProvider>
  );
  const { result } = renderHook(() => useSeriesList("going"), { wrapper });
  await pass(0);
  return () => result.current.data?.[0]?.next_occurrence_at;
}

describe("the next time of a series", () => {
  test("is read anew once it has come round, though nobody tells that it was skipped", async () => {
    const shown = await look();
    next = "2026-10-02T09:00:00Z";
    await pass(119);
    expect(shown()).toBe(at("09:00:00"));
    await pass(11);
    expect(shown()).toBe(next);
    await pass(600);
    expect(asked).toBe(2);
  });

  test("is asked for once a minute while the service is behind", async () => {
    await look();
    await pass(120 + 5 + 600);
    expect(asked).toBe(1 + 1 + 10);
  });

  test.each([
    ["a paused one", () => (status = "paused")],
    ["one without another time", () => (next = null)],
  ])("of %s is not waited for", async (_, make) => {
    make();
    await look();
    await pass(600);
    expect(asked).toBe(1);
  });
});
