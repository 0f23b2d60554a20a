import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeAll, beforeEach, describe, expect, test, vi } from "vitest";

import { keepGrant } from "../../../lib/session/store.ts";
import { ZoneContext } from "../../../lib/time/zone-context.ts";
import type { CalendarFeed } from "../api/feeds.ts";
import { CalendarSettings } from "./CalendarSettings.tsx";

const feed: CalendarFeed = {
  id: "018f0000-0000-7000-8000-000000000001",
  created_at: "2026-10-01T08:00:00Z",
  last_used_at: null,
};
const path = "/api/calendar/secret.ics";
const refused = (detail: string) => Response.json({ detail }, { status: 409 });

let feeds: CalendarFeed[];

// jsdom has dialogs that can't be opened.
beforeAll(() => {
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = function () {
    this.open = false;
  };
});

beforeEach(async () => {
  await keepGrant({ user: { id: "a" }, access_token: "t", expires_in: 900, refresh_token: "r" });
  feeds = [];
});

/** A service that lists, makes and revokes, or answers as `instead` does. */
function serve(instead: Readonly<Record<string, () => Response | Promise<Response>>> = {}) {
  const answers = {
    GET: () => Response.json(feeds),
    POST: () => {
      feeds = [...feeds, feed];
      return Response.json({ ...feed, url: path }, { status: 201 });
    },
    DELETE: () => {
      feeds = [];
      return new Response(null, { status: 204 });
    },
    ...instead,
  };
  vi.stubGlobal("fetch", ({ method }: Request) =>
    Promise.resolve(answers[method as keyof typeof answers]()),
  );
}

function show() {
  render(
    <QueryClientProvider
      client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}
    >
      <ZoneContext value="Europe/Berlin">
        <CalendarSettings />
      </ZoneContext>
    </QueryClientProvider>,
  );
  return userEvent.setup();
}

const make = () => screen.getByRole("button", { name: "Make an address" });
const made = "1 Oct 2026 10:00";

async function askToRevoke(user: ReturnType<typeof show>) {
  await user.click(await screen.findByRole("button", { name: `Revoke the address made ${made}` }));
  const dialog = screen.getByRole("dialog");
  await user.click(within(dialog).getByRole("button", { name: "Revoke" }));
  return dialog;
}

describe("the calendar addresses", () => {
  test("say when they were made and last used, in the person's zone", async () => {
    feeds = [feed, { ...feed, id: "b", last_used_at: "2026-10-02T22:30:00Z" }];
    serve();
    show();
    expect(await screen.findAllByText(`Made ${made}`)).toHaveLength(2);
    expect(screen.getByText("Never used")).toBeTruthy();
    expect(screen.getByText("Last used 3 Oct 2026 00:30")).toBeTruthy();
  });

  test("one that is made is shown whole, copied, and then listed", async () => {
    serve();
    const user = show();
    await screen.findByText("There are none yet.");
    await user.click(make());
    const address = location.origin + path;
    expect(await screen.findByText(address)).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Copy" }));
    await screen.findByRole("button", { name: "Copied" });
    expect(await navigator.clipboard.readText()).toBe(address);
    expect(await screen.findByText(`Made ${made}`)).toBeTruthy();
  });

  test("a refused copy says what to do instead", async () => {
    serve();
    const user = show();
    await user.click(make());
    const no = new DOMException("No.", "NotAllowedError");
    vi.spyOn(navigator.clipboard, "writeText").mockRejectedValue(no);
    await user.click(await screen.findByRole("button", { name: "Copy" }));
    expect((await screen.findByRole("alert")).textContent).toContain("Select it");
  });

  test("one can't be made twice by a second click", async () => {
    serve({ POST: () => new Promise(() => undefined) });
    const user = show();
    await user.click(make());
    const button = await screen.findByRole("button", { name: "Making…" });
    expect(button).toHaveProperty("disabled", true);
  });

  test("a refusal to make one says why", async () => {
    serve({ POST: () => refused("You have 10 calendar feeds.") });
    const user = show();
    await user.click(make());
    expect((await screen.findByRole("alert")).textContent).toBe(
      "No address was made. You have 10 calendar feeds.",
    );
  });

  test("a list that can't be loaded is tried again when asked", async () => {
    serve({ GET: () => new Response(null, { status: 503 }) });
    const user = show();
    await screen.findByText("The addresses could not be loaded.");
    serve();
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByText("There are none yet.")).toBeTruthy();
  });

  test("an address that is revoked is shown no longer", async () => {
    serve();
    const user = show();
    await user.click(make());
    await askToRevoke(user);
    await waitFor(() => expect(screen.queryByText(`Made ${made}`)).toBeNull());
    expect(screen.queryByText(/it is not shown again/)).toBeNull();
  });

  test("a refused revocation says so where it was asked, and the address stays", async () => {
    feeds = [feed];
    serve({ DELETE: () => refused("No.") });
    const dialog = await askToRevoke(show());
    expect(await within(dialog).findByText("It was not done.")).toBeTruthy();
    expect(screen.getByText(`Made ${made}`)).toBeTruthy();
  });
});
