import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import type { NotificationSettings as Settings, PushDevice } from "../../../lib/api/types.ts";
import { keepGrant } from "../../../lib/session/store.ts";
import { NotificationSettings } from "./NotificationSettings.tsx";

const endpoint = "https://push.example.org/here";
const device: PushDevice = {
  id: "d",
  endpoint,
  device: "Firefox on Linux",
  created_at: "2026-10-01T08:00:00Z",
  last_used_at: null,
};

let settings: Settings;
let devices: PushDevice[];
let asked: { path: string; body: unknown }[];

beforeEach(async () => {
  await keepGrant({ user: { id: "a" }, access_token: "t", expires_in: 900, refresh_token: "r" });
  settings = {
    web_push: false,
    webhook: false,
    email: false,
    quiet_hours: null,
    available: { web_push: true, email: true },
    webhook_url: null,
    email_address: "ada@example.org",
  };
  devices = [];
  asked = [];
});

afterEach(() => {
  vi.unstubAllGlobals();
  Reflect.deleteProperty(navigator, "serviceWorker");
});

/** Shows the card over a service that keeps what it is sent, or answers a change as `refuse` does. */
function show(refuse?: (method: string) => Response | null) {
  const get: Record<string, () => unknown> = {
    "/api/notification-settings": () => settings,
    "/api/push-subscriptions": () => devices,
    "/api/push-subscriptions/key": () => ({ public_key: "key" }),
  };
  vi.stubGlobal("fetch", async (request: Request) => {
    const path = new URL(request.url).pathname;
    if (request.method === "GET") return Response.json(get[path]?.());
    const refusal = refuse?.(request.method);
    if (refusal) return refusal;
    const body: unknown = request.method === "DELETE" ? null : await request.json();
    asked.push({ path, body });
    if (request.method === "PATCH") settings = { ...settings, ...(body as Partial<Settings>) };
    if (path.endsWith("/webhook")) {
      settings = { ...settings, webhook_url: "https://hooks.example.org/" };
      return Response.json({ url: settings.webhook_url, secret: "whsec_secret" });
    }
    if (path === "/api/push-subscriptions") devices = [device];
    return Response.json(path.startsWith("/api/push") ? device : settings);
  });
  render(
    <QueryClientProvider
      client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}
    >
      <NotificationSettings />
    </QueryClientProvider>,
  );
  return userEvent.setup();
}

/** A browser that can be subscribed, and whose user answers with `permission` when asked. */
function standInForBrowser(permission: NotificationPermission) {
  let subscription: object | null = null;
  const pushManager = {
    getSubscription: () => Promise.resolve(subscription),
    subscribe: () => {
      subscription = {
        endpoint,
        toJSON: () => ({ endpoint, keys: { p256dh: "p", auth: "a" } }),
        unsubscribe: () => Promise.resolve((subscription = null)),
      };
      return Promise.resolve(subscription);
    },
  };
  const register = vi.fn(() => Promise.resolve({ pushManager }));
  const ready = Promise.resolve({ pushManager });
  const getRegistration = () =>
    Promise.resolve(subscription === null ? undefined : { pushManager });
  vi.stubGlobal("PushManager", pushManager);
  vi.stubGlobal("Notification", {
    permission: "default",
    requestPermission: () => Promise.resolve(permission),
  });
  vi.spyOn(navigator, "userAgent", "get").mockReturnValue("(X11; Linux x86_64) Firefox/140.0");
  const serviceWorker = { register, ready, getRegistration };
  Object.defineProperty(navigator, "serviceWorker", { configurable: true, value: serviceWorker });
  return register;
}

const turnOn = () => screen.findByRole("button", { name: "Turn on for this browser" });

describe("push messages", () => {
  test("are for this browser once its user has allowed them, and the channel is on", async () => {
    standInForBrowser("granted");
    const user = show();
    await user.click(await turnOn());
    await screen.findByText("Firefox on Linux");
    expect(asked).toEqual([
      {
        path: "/api/push-subscriptions",
        body: { endpoint, keys: { p256dh: "p", auth: "a" }, device: "Firefox on Linux" },
      },
      { path: "/api/notification-settings", body: { web_push: true } },
    ]);
    await screen.findByText("· this browser");
  });

  test.each([
    ["denied", "Allow notifications for this site"],
    ["default", "allow them when your browser asks"],
  ] as const)("that are %s say what to do, and nothing is registered", async (answer, words) => {
    const register = standInForBrowser(answer);
    const user = show();
    await user.click(await turnOn());
    expect((await screen.findByRole("alert")).textContent).toContain(words);
    expect(register).not.toHaveBeenCalled();
    expect(asked).toEqual([]);
  });

  test("can't come to a browser that has none, which says so", async () => {
    show();
    expect(await screen.findByText(/This browser can’t/)).toBeTruthy();
  });
});

describe("the other channels", () => {
  test("a webhook is on as soon as it has an address, and its secret is shown", async () => {
    const user = show();
    await user.type(await screen.findByLabelText("Address"), "https://hooks.example.org/");
    await user.click(screen.getByRole("button", { name: "Save the address" }));
    expect(await screen.findByText("whsec_secret")).toBeTruthy();
    await waitFor(() =>
      expect(screen.getByRole("switch", { name: "Webhook" })).toHaveProperty("checked", true),
    );
  });

  test("a webhook that has an address but is not on yet says so beside its secret, and is tried again", async () => {
    let isAway = true;
    const user = show((method) =>
      method === "PATCH" && isAway ? new Response(null, { status: 503 }) : null,
    );
    await user.type(await screen.findByLabelText("Address"), "https://hooks.example.org/");
    await user.click(screen.getByRole("button", { name: "Save the address" }));
    const alert = await screen.findByRole("alert");
    expect(alert.textContent).toContain("The address is saved, but the webhook is still off.");
    expect(screen.getByText("whsec_secret")).toBeTruthy();
    isAway = false;
    await user.click(screen.getByRole("button", { name: "Try again" }));
    await waitFor(() => expect(screen.queryByRole("alert")).toBeNull());
    expect(screen.getByRole("switch", { name: "Webhook" })).toHaveProperty("checked", true);
    expect(screen.getByText("whsec_secret")).toBeTruthy();
  });

  test("what the service has against an address stands at its field", async () => {
    const errors = [{ field: "url", message: "must be an address that begins with https://" }];
    const user = show(() => Response.json({ errors }, { status: 422 }));
    await user.type(await screen.findByLabelText("Address"), "http://hooks.example.org/");
    await user.click(screen.getByRole("button", { name: "Save the address" }));
    expect(await screen.findByText("must be an address that begins with https://")).toBeTruthy();
    expect(screen.getByLabelText("Address").getAttribute("aria-invalid")).toBe("true");
  });

  test("quiet hours of no length say at both times what to do, until one is changed", async () => {
    const errors = [{ field: "quiet_hours.until", message: "must be another time than from" }];
    const user = show(() => Response.json({ errors }, { status: 422 }));
    fireEvent.change(await screen.findByLabelText("From"), { target: { value: "07:00" } });
    await user.click(screen.getByRole("button", { name: "Save the quiet hours" }));
    const said = await screen.findByRole("alert");
    expect(said.textContent).toContain("Both are 07:00");
    const times = [screen.getByLabelText("From"), screen.getByLabelText("Until")];
    for (const time of times) {
      expect(time.getAttribute("aria-invalid")).toBe("true");
      expect(time.getAttribute("aria-describedby")).toBe(said.id);
    }
    expect(document.activeElement).toBe(times[0]);
    fireEvent.change(screen.getByLabelText("From"), { target: { value: "22:00" } });
    await waitFor(() => expect(screen.queryByRole("alert")).toBeNull());
    expect(times.map((time) => time.getAttribute("aria-invalid"))).toEqual([null, null]);
  });

  test("a channel that the service refuses stays off, and says why", async () => {
    const errors = [{ field: "email", message: "is not set up here" }];
    const user = show(() => Response.json({ errors }, { status: 422 }));
    await user.click(await screen.findByRole("switch", { name: "E-mail" }));
    expect((await screen.findByRole("alert")).textContent).toBe("E-mail is not set up here");
    expect(screen.getByRole("switch", { name: "E-mail" })).toHaveProperty("checked", false);
  });
});
