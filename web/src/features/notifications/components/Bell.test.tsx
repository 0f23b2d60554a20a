import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, test, vi } from "vitest";

import type { Notification } from "../../../lib/api/types.ts";
import { keepGrant } from "../../../lib/session/store.ts";
import { Bell } from "./Bell.tsx";

const notification: Notification = {
  id: "n",
  task_id: "t",
  task_instance_id: null,
  series_id: null,
  outcome: null,
  reminder_id: "r",
  title: "Pay rent",
  body: "Due now",
  status: "unread",
  due_at: "2026-10-01T08:00:00Z",
  is_late: false,
  delivered_at: "2026-10-01T08:00:00Z",
  read_at: null,
  created_at: "2026-10-01T08:00:00Z",
  deliveries: [],
};

let notifications: Notification[];
let asked: string[];

beforeEach(async () => {
  await keepGrant({ user: { id: "a" }, access_token: "t", expires_in: 900, refresh_token: "r" });
  notifications = [notification];
  asked = [];
});

/** Shows the bell over a service that lists `notifications` and answers what it is asked for by `answer`. */
function show(answer: (path: string) => Response | Promise<Response> = () => Response.json({})) {
  vi.stubGlobal("fetch", ({ method, url }: Request) => {
    if (method === "GET") {
      const unread = notifications.filter(({ status }) => status === "unread").length;
      const total = notifications.length;
      return Promise.resolve(
        Response.json({ notifications, unread, total, page: 1, page_size: 20 }),
      );
    }
    const path = new URL(url).pathname;
    asked.push(path);
    return Promise.resolve(answer(path));
  });
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  render(
    <QueryClientProvider client={client}>
      <Bell />
    </QueryClientProvider>,
  );
  return userEvent.setup();
}

async function openPanel(user: ReturnType<typeof show>, unread = 1) {
  await user.click(
    await screen.findByRole("button", {
      name: unread === 0 ? "Notifications" : `Notifications, ${unread} unread`,
    }),
  );
  return within(screen.getByRole("dialog", { name: "Notifications" }));
}

describe("the bell", () => {
  test("says how many are unread, opens on the panel, and Escape leads back to it", async () => {
    const user = show();
    await openPanel(user);
    expect(document.activeElement).toBe(screen.getByRole("dialog"));
    await user.keyboard("{Escape}");
    expect(screen.queryByRole("dialog")).toBeNull();
    expect(document.activeElement?.getAttribute("aria-expanded")).toBe("false");
  });

  test("a click beside the panel closes it", async () => {
    const user = show();
    await openPanel(user);
    await user.click(document.body);
    expect(screen.queryByRole("dialog")).toBeNull();
  });
});

describe("a notification", () => {
  test("shows as read at once when it is opened, and its task is in the address", async () => {
    const user = show(() => new Promise(() => undefined));
    const panel = await openPanel(user);
    await user.click(panel.getByRole("link", { name: /Unread:\s*Pay rent/ }));
    expect(location.search).toBe("?task=t");
    await screen.findByRole("button", { name: "Notifications" });
    expect(asked).toEqual(["/api/notifications/n/read"]);
  });

  test("about one time of a series leads there, and completes that one", async () => {
    notifications = [{ ...notification, series_id: "s", task_instance_id: "i" }];
    const user = show();
    const panel = await openPanel(user);
    expect(panel.getByRole("link", { name: /Unread:\s*Pay rent/ }).getAttribute("href")).toBe(
      "/recurring?task=t",
    );
    await user.click(panel.getByRole("button", { name: "Complete task Pay rent" }));
    await panel.findByText("Done");
    expect(asked).toEqual([
      "/api/tasks/recurring/t/instances/i/complete",
      "/api/notifications/n/read",
    ]);
  });

  test("about a time of a series that is still to be made completes nothing, but can be put off", async () => {
    notifications = [{ ...notification, series_id: "s" }];
    const panel = await openPanel(show());
    expect(panel.getByRole("button", { name: "Snooze Pay rent" })).toBeTruthy();
    expect(panel.queryByRole("button", { name: /^Complete/ })).toBeNull();
  });

  test("whose task is completed says so, also if it can't be marked as read", async () => {
    const user = show((path) =>
      path.endsWith("/read") ? new Response(null, { status: 503 }) : Response.json({}),
    );
    const panel = await openPanel(user);
    await user.click(panel.getByRole("button", { name: "Complete task Pay rent" }));
    await panel.findByText("Done");
    expect(asked).toEqual(["/api/tasks/t/complete", "/api/notifications/n/read"]);
    expect(panel.queryByRole("alert")).toBeNull();
  });

  test("about what is done or left out meanwhile says so, and offers neither to complete nor to put it off", async () => {
    notifications = [
      { ...notification, series_id: "s", task_instance_id: "i", outcome: "skipped" },
    ];
    const panel = await openPanel(show());
    expect(panel.getByText("Skipped")).toBeTruthy();
    expect(panel.queryByRole("button", { name: /^(?:Complete|Snooze)/ })).toBeNull();
    expect(panel.getByRole("button", { name: "Mark Pay rent as read" })).toBeTruthy();
  });

  test("about a task that is gone leads nowhere and can only be read", async () => {
    notifications = [{ ...notification, task_id: null }];
    const panel = await openPanel(show());
    expect(panel.getByText("Pay rent")).toBeTruthy();
    expect(panel.queryByRole("link")).toBeNull();
    expect(panel.queryByRole("button", { name: /^(?:Complete|Snooze)/ })).toBeNull();
  });

  test("says that it came late, and by which ways it did not come", async () => {
    const delivery = { attempts: 8, last_error: null, sent_at: null } as const;
    notifications = [
      {
        ...notification,
        is_late: true,
        deliveries: [
          { ...delivery, channel: "email", status: "sent" },
          { ...delivery, channel: "webhook", status: "failed", last_error: "It answered 500." },
        ],
      },
    ];
    const panel = await openPanel(show());
    expect(panel.getByText("Late")).toBeTruthy();
    const failed = panel.getByRole("list", { name: "What failed" });
    expect(failed.textContent).toBe("The webhook failed: It answered 500.");
  });

  test("a refused snooze says why, and it stays unread", async () => {
    const user = show(() => Response.json({ detail: "It was called off." }, { status: 409 }));
    const panel = await openPanel(user);
    await user.click(panel.getByRole("button", { name: "Snooze Pay rent" }));
    await user.click(panel.getByRole("button", { name: "10 minutes" }));
    expect((await panel.findByRole("alert")).textContent).toContain("It was called off.");
    expect(panel.getByRole("link", { name: /Unread:\s*Pay rent/ })).toBeTruthy();
  });

  test("all are read at once, and unread again if the service says no", async () => {
    const { promise, resolve } = promiseOfReply();
    const user = show(() => promise);
    const panel = await openPanel(user);
    await user.click(panel.getByRole("button", { name: "Mark all read" }));
    await waitFor(() => expect(panel.queryByText("Unread:")).toBeNull());
    resolve(new Response(null, { status: 503 }));
    expect((await panel.findByRole("alert")).textContent).toContain("They are still unread.");
    await panel.findByText("Unread:");
  });
});

function promiseOfReply() {
  let resolve: (reply: Response) => void = () => undefined;
  const promise = new Promise<Response>((settle) => {
    resolve = settle;
  });
  return { promise, resolve: (reply: Response) => resolve(reply) };
}
