import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, renderHook } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { keepGrant } from "../../../lib/session/store.ts";
import { ZoneContext } from "../../../lib/time/zone-context.ts";
import { noFilters, type DueRange } from "./filters.ts";
import { useTasks } from "./list-tasks.ts";

/** What the service was asked for. */
let asked: URLSearchParams[];

beforeEach(async () => {
  await keepGrant({ user: { id: "a" }, access_token: "t", expires_in: 900, refresh_token: "r" });
  vi.useFakeTimers({ now: new Date("2026-10-01T21:58:30Z") });
  asked = [];
  vi.stubGlobal("fetch", ({ url }: Request) => {
    asked.push(new URL(url).searchParams);
    return Promise.resolve(Response.json({ tasks: [], total: 0, page: 1, page_size: 50 }));
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const pass = (seconds: number) => act(() => vi.advanceTimersByTimeAsync(seconds * 1_000));

/** Somebody in Berlin looks at what is due then. */
async function look(due: DueRange | null): Promise<void> {
  const queries = new QueryClient();
  const wrapper = ({ children }: { readonly children: ReactNode }) => (
    <QueryClientProvider client={queries}>
      <ZoneContext value="Europe/Berlin">{children}</ZoneContext>
    </QueryClientProvider>
  );
  renderHook(() => useTasks({ ...noFilters, due }), { wrapper });
  await pass(0);
}

describe("as time passes", () => {
  test.each([
    ["today", "2026-10-02T22:00:00.000Z"],
    ["week", "2026-10-08T22:00:00.000Z"],
  ] as const)("%s is read anew after midnight, and only then", async (due, end) => {
    await look(due);
    await pass(60);
    expect(asked).toHaveLength(1);
    await pass(60);
    expect(asked).toHaveLength(2);
    expect(asked[1]?.get("due_after")).toBe("2026-10-01T22:00:00.000Z");
    expect(asked[1]?.get("due_before")).toBe(end);
    await pass(600);
    expect(asked).toHaveLength(2);
  });

  test("what is overdue is read anew each minute", async () => {
    await look("overdue");
    await pass(120);
    const ends = asked.map((query) => query.get("due_before"));
    expect(new Set(ends).size).toBe(3);
  });

  test("what is overdue is not asked for in a tab that nobody sees", async () => {
    await look("overdue");
    vi.spyOn(document, "visibilityState", "get").mockReturnValue("hidden");
    document.dispatchEvent(new Event("visibilitychange"));
    await pass(60);
    expect(asked).toHaveLength(1);
  });

  test("tasks due at any time are not read again", async () => {
    await look(null);
    await pass(600);
    expect(asked).toHaveLength(1);
  });
});
