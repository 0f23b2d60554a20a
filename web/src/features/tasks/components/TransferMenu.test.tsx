import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { Toasts } from "../../../components/Toasts.tsx";
import { keepGrant } from "../../../lib/session/store.ts";
import { TransferMenu } from "./TransferMenu.tsx";

/** The media types of what the service was sent. */
let sent: (string | null)[];
let answer: () => Response;

beforeEach(async () => {
  await keepGrant({ user: { id: "a" }, access_token: "t", expires_in: 900, refresh_token: "r" });
  sent = [];
  answer = () => Response.json({ created: 1, skipped: 0 });
  vi.stubGlobal("fetch", ({ headers }: Request) => {
    sent.push(headers.get("content-type"));
    return Promise.resolve(answer());
  });
  render(
    <QueryClientProvider client={new QueryClient()}>
      <TransferMenu />
      <Toasts />
    </QueryClientProvider>,
  );
});

afterEach(() => {
  vi.unstubAllGlobals();
});

const choose = (name: string) =>
  userEvent.upload(screen.getByLabelText("File to import"), new File(["…"], name), {
    applyAccept: false,
  });

describe("a file of tasks", () => {
  test.each([
    ["tasks.json", "application/json"],
    ["tasks.CSV", "text/csv"],
    ["from my phone.ics", "text/calendar"],
  ])("%s is sent as %s", async (name, mediaType) => {
    await choose(name);
    await screen.findByText(`Added 1 task from ${name}.`);
    expect(sent).toEqual([mediaType]);
  });

  test("of another kind is not sent, and it says which can be", async () => {
    await choose("tasks.xlsx");
    const notice = await screen.findByRole("alert");
    expect(notice.textContent).toContain("ends in .json, .csv or .ics");
    expect(sent).toEqual([]);
  });

  test("that is refused says so until one has read it, or tries another", async () => {
    const errors = Array.from({ length: 50 }, (_, at) => ({
      field: `tasks.${at}.title`,
      message: "must not be blank",
    }));
    answer = () => Response.json({ errors }, { status: 422 });
    await choose("tasks.csv");
    const { textContent } = await screen.findByRole("alert");
    expect(textContent).toContain("tasks.csv was not added.");
    expect(textContent).toContain("tasks.2.title: must not be blank; and 47 more");
    expect(screen.getByLabelText("Messages").textContent).toBe("");

    await userEvent.click(screen.getByRole("button", { name: "Dismiss" }));
    expect(screen.queryByRole("alert")).toBeNull();
    await choose("tasks.csv");
    await screen.findByRole("alert");
    answer = () => Response.json({ created: 1, skipped: 0 });
    await choose("tasks.csv");
    await screen.findByText("Added 1 task from tasks.csv.");
    expect(screen.queryByRole("alert")).toBeNull();
  });
});
