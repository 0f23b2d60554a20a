import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, test, vi } from "vitest";

import type { Task } from "../../../lib/api/types.ts";
import { keepGrant } from "../../../lib/session/store.ts";
import { aTask } from "../test-task.ts";
import { EditTask } from "./EditTask.tsx";

const opened = aTask({ description: "To the new account" });

/** The task as it is stored: somebody has changed it since it was opened. */
let stored: Task;
/** What was saved, and on top of which version. */
let saved: { version: string | null; patch: unknown } | null;

beforeEach(async () => {
  await keepGrant({ user: { id: "a" }, access_token: "t", expires_in: 900, refresh_token: "r" });
  HTMLDialogElement.prototype.showModal = vi.fn();
  HTMLDialogElement.prototype.close = vi.fn();
  saved = null;
  vi.stubGlobal("fetch", async (request: Request) => {
    if (request.method === "GET") return Response.json(stored);
    const version = request.headers.get("if-match");
    if (version !== `"${stored.version}"`) {
      return Response.json({ detail: "The task has changed." }, { status: 412 });
    }
    saved = { version, patch: await request.json() };
    return Response.json(stored);
  });
});

/** Writes in the notes of a task that then turns out to be changed elsewhere, and loads the newest. */
async function writeAndLoad(changedElsewhere: Partial<Task>) {
  stored = { ...opened, ...changedElsewhere, version: 2 };
  const onClose = vi.fn();
  render(
    <QueryClientProvider client={new QueryClient()}>
      <EditTask task={opened} knownTags={[]} remindersOf={() => null} onClose={onClose} />
    </QueryClientProvider>,
  );
  fireEvent.change(notes(), { target: { value: "What took an hour to write" } });
  await save();
  await userEvent.click(await screen.findByText("Load the newest"));
  await screen.findByText(/This is the task as it is now/);
  return onClose;
}

const save = () => userEvent.click(screen.getByText("Save"));
const title = () => screen.getByLabelText<HTMLInputElement>("Title").value;
const notes = () => screen.getByLabelText<HTMLTextAreaElement>("Notes");

describe("what was written in a task that was changed elsewhere meanwhile", () => {
  test("stays when the newest is loaded, and is saved on top of that", async () => {
    const onClose = await writeAndLoad({ title: "Pay the rent" });
    expect(title()).toBe("Pay the rent");
    expect(notes().value).toBe("What took an hour to write");
    expect(screen.queryByText(/Changed elsewhere, too/)).toBeNull();
    await save();
    await waitFor(() => expect(onClose).toHaveBeenCalled());
    expect(saved).toEqual({
      version: '"2"',
      patch: { description: "What took an hour to write" },
    });
  });

  test("is shown beside what was written there, if that was the same field", async () => {
    await writeAndLoad({ description: "By standing order" });
    expect(screen.getByText("Changed elsewhere, too: Notes.")).toBeTruthy();
    expect(notes().value).toBe("What took an hour to write");
    await userEvent.click(screen.getByText("Show theirs"));
    expect(notes().value).toBe("By standing order");
    await userEvent.click(screen.getByText("Show yours"));
    expect(notes().value).toBe("What took an hour to write");
  });

  test("has the notice of it in focus, so that it is read out and in sight", async () => {
    await writeAndLoad({ title: "Pay the rent" });
    expect(document.activeElement).not.toBe(document.body);
    expect(document.activeElement?.textContent).toMatch(/^This is the task as it is now/);
  });
});
