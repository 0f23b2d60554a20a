import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";

import type { RecurringTask } from "../../../lib/api/types.ts";
import { keepGrant } from "../../../lib/session/store.ts";
import { EditSeries } from "./EditSeries.tsx";

const opened: RecurringTask = {
  id: "r",
  task_id: "t",
  series_id: "s",
  rrule: "FREQ=DAILY",
  timezone_iana: "Europe/Berlin",
  starts_at: "2026-11-27T09:00:00",
  recurrence_end_type: "never",
  recurrence_max_count: null,
  recurrence_end_date: null,
  gap: "shift",
  reminder_minutes_before: null,
  on_missed: "latest",
  overlap: "create",
  exdates: [],
  rdates: [],
  status: "active",
  next_occurrence_at: "2026-11-27T08:00:00Z",
  current_instance_index: 0,
  total_occurrences_executed: 0,
  summary: "Every day at 09:00",
  created_at: "2026-11-21T08:00:00Z",
  updated_at: "2026-11-21T08:00:00Z",
  task: {
    id: "t",
    title: "Stretch",
    description: null,
    status: "pending",
    priority: "Medium",
    tags: [],
    due_at: null,
    completed_at: null,
    series_id: "s",
    created_at: "2026-11-21T08:00:00Z",
    updated_at: "2026-11-21T08:00:00Z",
    version: 1,
  },
};

test("what was changed in a series stays when it was changed elsewhere, too, and the newest is loaded", async () => {
  await keepGrant({ user: { id: "a" }, access_token: "t", expires_in: 900, refresh_token: "r" });
  HTMLDialogElement.prototype.showModal = vi.fn();
  HTMLDialogElement.prototype.close = vi.fn();
  const stored: RecurringTask = {
    ...opened,
    timezone_iana: "Europe/London",
    task: { ...opened.task, title: "Stretch well", version: 2 },
  };
  const saved: unknown[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    const { pathname } = new URL(request.url);
    if (request.method === "GET" && pathname.startsWith("/api/")) return Response.json(stored);
    if (request.method !== "PATCH") throw new TypeError("no engine here");
    if (request.headers.get("if-match") !== '"2"') return new Response(null, { status: 412 });
    saved.push(await request.json());
    return Response.json(stored);
  });
  const onClose = vi.fn();
  render(
    <QueryClientProvider
      client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}
    >
      <EditSeries series={opened} knownTags={[]} onClose={onClose} />
    </QueryClientProvider>,
  );
  fireEvent.change(screen.getByLabelText("Every … days"), { target: { value: "3" } });
  await userEvent.click(screen.getByText("Save"));
  await userEvent.click(await screen.findByText("Load the newest"));
  await screen.findByText("Changed elsewhere, too: Repeats.");
  expect(screen.getByLabelText<HTMLInputElement>("Title").value).toBe("Stretch well");
  const zone = screen.getByLabelText<HTMLSelectElement>("On the clocks of");
  expect(zone.value).toBe("Europe/Berlin");
  await userEvent.click(screen.getByText("Show theirs"));
  expect(zone.value).toBe("Europe/London");
  await userEvent.click(screen.getByText("Show yours"));
  await userEvent.click(screen.getByText("Save"));
  await waitFor(() => expect(onClose).toHaveBeenCalled());
  expect(saved).toEqual([{ rrule: "FREQ=DAILY;INTERVAL=3", timezone_iana: "Europe/Berlin" }]);
});
