import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { keepGrant } from "../../../lib/session/store.ts";
import { AddTask } from "./AddTask.tsx";

/** What the service was asked and has not answered. */
let asked: ((reply: Response) => void)[];

beforeEach(async () => {
  await keepGrant({ user: { id: "a" }, access_token: "t", expires_in: 900, refresh_token: "r" });
  asked = [];
  vi.stubGlobal("fetch", () => new Promise((resolve) => asked.push(resolve)));
  render(
    <QueryClientProvider client={new QueryClient()}>
      <AddTask knownTags={[]} />
    </QueryClientProvider>,
  );
});

afterEach(() => {
  vi.unstubAllGlobals();
});

const title = () => screen.getByLabelText<HTMLInputElement>("New task");

/** The service has added the task, and the page knows it. */
async function added(): Promise<void> {
  await waitFor(() => expect(asked).toHaveLength(1));
  asked[0]?.(Response.json({ id: "1" }));
  await screen.findByRole("button", { name: "Add" });
}

describe("the form of a new task", () => {
  test("is empty once the task is added", async () => {
    await userEvent.type(title(), "First{Enter}");
    await screen.findByRole("button", { name: "Adding…" });
    expect(title().value).toBe("First");
    await added();
    expect(title().value).toBe("");
  });

  test("keeps what is written of the next task while one is being added", async () => {
    await userEvent.type(title(), "First{Enter}");
    await screen.findByRole("button", { name: "Adding…" });
    await userEvent.clear(title());
    await userEvent.type(title(), "Second");
    await added();
    expect(title().value).toBe("Second");
  });

  test("keeps the time of day while another day is half typed", async () => {
    await userEvent.click(title());
    const due = screen.getByLabelText("Due");
    fireEvent.change(due, { target: { value: "2027-01-31" } });
    fireEvent.change(screen.getByLabelText("At"), { target: { value: "18:00" } });
    fireEvent.change(due, { target: { value: "" } });
    fireEvent.change(due, { target: { value: "2027-02-28" } });
    expect(screen.getByLabelText<HTMLInputElement>("At").value).toBe("18:00");
  });
});
