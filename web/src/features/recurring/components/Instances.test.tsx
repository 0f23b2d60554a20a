import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, test, vi } from "vitest";

import type { TaskInstance } from "../../../lib/api/types.ts";
import { keepGrant } from "../../../lib/session/store.ts";
import { Instances } from "./Instances.tsx";

const template = "018f0000-0000-7000-8000-000000000001";
const instance: TaskInstance = {
  id: "018f0000-0000-7000-8000-000000000002",
  parent_task_id: "018f0000-0000-7000-8000-000000000003",
  title: "Feed the cat",
  priority: "Medium",
  scheduled_for: "2026-10-01T08:00:00Z",
  status: "pending",
  completed_at: null,
  created_at: "2026-10-01T08:00:00Z",
};

beforeEach(async () => {
  await keepGrant({ user: { id: "a" }, access_token: "t", expires_in: 900, refresh_token: "r" });
});

/** Shows the times of a series to which the service answers; returns where it was asked to settle one. */
function show(): string[] {
  const settled: string[] = [];
  let status: TaskInstance["status"] = "pending";
  vi.stubGlobal("fetch", ({ method, url }: Request) => {
    if (method === "POST") {
      settled.push(new URL(url).pathname);
      status = url.endsWith("/skip") ? "skipped" : "completed";
      return Promise.resolve(Response.json({ ...instance, status }));
    }
    const instances = [{ ...instance, status }];
    return Promise.resolve(Response.json({ instances, total: 1, page: 1, page_size: 10 }));
  });
  render(
    <QueryClientProvider client={new QueryClient()}>
      <Instances
        taskId={template}
        title="Feed the cat"
        now={new Date("2026-10-01T12:00:00Z")}
        remindersOf={() => null}
      />
    </QueryClientProvider>,
  );
  return settled;
}

describe("the times of a series", () => {
  test.each([
    ["complete", /^Complete the one of/, "Done"],
    ["skip", /^Skip the one of/, "Skipped"],
  ])("%s settles one below the series' template, and shows it", async (path, button, status) => {
    const settled = show();
    await userEvent.click(await screen.findByRole("button", { name: button }));
    await vi.waitFor(() => expect(screen.queryByRole("button")).toBeNull());
    expect(screen.getByText(status)).toBeTruthy();
    expect(settled).toEqual([`/api/tasks/recurring/${template}/instances/${instance.id}/${path}`]);
  });
});
