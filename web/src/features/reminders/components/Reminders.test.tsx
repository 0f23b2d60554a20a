import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, test, vi } from "vitest";

import type { NewReminder, Reminder } from "../../../lib/api/types.ts";
import { keepGrant } from "../../../lib/session/store.ts";
import { ZoneContext } from "../../../lib/time/zone-context.ts";
import { Reminders } from "./Reminders.tsx";

const reminder: Reminder = {
  id: "018f0000-0000-7000-8000-000000000001",
  task_id: "t",
  task_instance_id: null,
  reminder_type: "in_app",
  scheduled_for: "2031-12-24T16:00:00Z",
  minutes_before: 60,
  status: "pending",
  cancel_reason: null,
  error_message: null,
  sent_at: null,
  created_at: "2026-09-01T00:00:00Z",
};
const inAnHour = new Date(Date.now() + 3_600_000 + 30_000);

beforeEach(async () => {
  await keepGrant({ user: { id: "a" }, access_token: "t", expires_in: 900, refresh_token: "r" });
});

/** Shows the reminders that the service has; returns what it was asked for besides. */
function show({
  reminders = [],
  dueAt = inAnHour,
  instanceId = null,
  isDone = false,
  refuse,
}: {
  reminders?: readonly Reminder[];
  dueAt?: Date | null;
  instanceId?: string | null;
  isDone?: boolean;
  refuse?: () => Response;
}) {
  const asked: unknown[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    if (request.method === "GET") {
      const status = new URL(request.url).searchParams.getAll("status");
      const found = reminders.filter((one) => status.includes(one.status));
      return Response.json({ reminders: found, total: found.length, page: 1, page_size: 100 });
    }
    if (refuse !== undefined) return refuse();
    if (request.method === "DELETE") {
      asked.push(new URL(request.url).pathname);
      return new Response(null, { status: 204 });
    }
    asked.push((await request.json()) as NewReminder);
    return Response.json(reminder, { status: 201 });
  });
  render(
    <QueryClientProvider
      client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}
    >
      <ZoneContext value="Europe/Berlin">
        <Reminders about={{ taskId: "t", instanceId }} dueAt={dueAt} isDone={isDone} />
      </ZoneContext>
    </QueryClientProvider>,
  );
  return asked;
}

const button = (name: string) => screen.getByRole("button", { name });

describe("the reminders of a task", () => {
  test("are told in the person's zone, with what has become of them", async () => {
    show({
      reminders: [
        reminder,
        { ...reminder, id: "2", status: "cancelled", cancel_reason: "done", minutes_before: null },
        { ...reminder, id: "3", status: "failed", error_message: "Too long ago." },
      ],
    });
    expect(await screen.findAllByText("Wed 24 Dec 2031 17:00")).toHaveLength(3);
    expect(screen.getByText("Waiting")).toBeTruthy();
    expect(screen.getByText("Called off: it was done by then")).toBeTruthy();
    expect(screen.getByText("Failed: Too long ago.")).toBeTruthy();
    expect(screen.getAllByRole("button", { name: /^Remove/ })).toHaveLength(1);
  });

  test("are added by one click; what would be past or is there already can't be", async () => {
    const asked = show({ reminders: [{ ...reminder, minutes_before: 10 }] });
    await screen.findByText("Waiting");
    expect(button("1 day before")).toHaveProperty("disabled", true);
    expect(button("10 minutes before")).toHaveProperty("disabled", true);
    await userEvent.click(button("1 hour before"));
    await waitFor(() => expect(asked).toEqual([{ task_id: "t", minutes_before: 60 }]));
  });

  test("of a time of a series are about that", async () => {
    const asked = show({ instanceId: "i" });
    await userEvent.click(button("At the due time"));
    await waitFor(() => expect(asked).toEqual([{ task_instance_id: "i", minutes_before: 0 }]));
  });

  test("without a due time come at a time of their own only", async () => {
    const asked = show({ dueAt: null });
    expect(screen.queryByRole("button", { name: /before/ })).toBeNull();
    await userEvent.click(button("At another time…"));
    await userEvent.clear(screen.getByLabelText("Remind me on"));
    await userEvent.type(screen.getByLabelText("Remind me on"), "2031-07-01");
    await userEvent.clear(screen.getByLabelText("At this time"));
    await userEvent.type(screen.getByLabelText("At this time"), "08:15");
    await userEvent.click(button("Set the reminder"));
    await waitFor(() =>
      expect(asked).toEqual([{ task_id: "t", scheduled_for: "2031-07-01T06:15:00.000Z" }]),
    );
  });

  test("a refused time says why at its fields", async () => {
    const errors = [{ field: "scheduled_for", message: "must be in the future" }];
    show({ dueAt: null, refuse: () => Response.json({ errors }, { status: 422 }) });
    await userEvent.click(button("At another time…"));
    await userEvent.click(button("Set the reminder"));
    const said = await screen.findByRole("alert");
    expect(said.textContent).toBe("The reminder must be in the future.");
    const fields = [screen.getByLabelText("Remind me on"), screen.getByLabelText("At this time")];
    for (const field of fields) {
      expect(field.getAttribute("aria-invalid")).toBe("true");
      expect(field.getAttribute("aria-describedby")).toBe(said.id);
    }
    expect(document.activeElement).toBe(fields[0]);
  });

  test("that is done do not come, and none is offered", async () => {
    show({ reminders: [reminder], isDone: true });
    expect(await screen.findByText("Does not come: it is done")).toBeTruthy();
    expect(screen.getByText(/none of these comes. Reopen it/)).toBeTruthy();
    expect(screen.queryByText("Waiting")).toBeNull();
    expect(screen.getAllByRole("button").map((one) => one.getAttribute("aria-label"))).toEqual([
      expect.stringMatching(/^Remove the reminder of/),
    ]);
  });

  test("one that is taken off leaves the focus where the list is", async () => {
    const asked = show({ reminders: [reminder] });
    await userEvent.click(await screen.findByRole("button", { name: /^Remove/ }));
    await waitFor(() => expect(asked).toEqual([`/api/reminders/${reminder.id}`]));
    await waitFor(() =>
      expect(document.activeElement).toBe(screen.getByRole("heading", { name: "Reminders" })),
    );
  });
});
