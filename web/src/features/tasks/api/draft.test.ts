import { describe, expect, test } from "vitest";

import type { Task } from "../../../lib/api/types.ts";
import { draftOf, emptyDraft, newTaskOf, patchOf } from "./draft.ts";

const zone = "Europe/Berlin";
const task: Task = {
  id: "018f0000-0000-7000-8000-000000000001",
  title: "Pay rent",
  description: null,
  status: "pending",
  priority: "High",
  tags: ["home", "money"],
  due_at: "2026-12-01T08:00:30Z",
  completed_at: null,
  series_id: null,
  created_at: "2026-11-01T00:00:00Z",
  updated_at: "2026-11-01T00:00:00Z",
  version: 3,
};

describe("a task in a form", () => {
  test("shows its due time in the zone", () => {
    expect(draftOf(task, zone)).toMatchObject({ date: "2026-12-01", time: "09:00" });
  });

  test("nothing changed is an empty patch, although the form has no seconds", () => {
    expect(patchOf(task, draftOf(task, zone), zone)).toEqual({});
  });

  test("the order of tags is no change", () => {
    expect(patchOf(task, { ...draftOf(task, zone), tags: ["money", "home"] }, zone)).toEqual({});
  });

  test("a cleared date clears the due time", () => {
    const draft = { ...draftOf(task, zone), date: "" };
    expect(patchOf(task, draft, zone)).toEqual({ due_at: null });
  });

  test("a time without a date changes nothing", () => {
    const undated = { ...task, due_at: null };
    expect(patchOf(undated, { ...draftOf(undated, zone), time: "18:00" }, zone)).toEqual({});
  });

  test("a date without a time is the end of that day, and reads as such again", () => {
    const made = newTaskOf({ ...emptyDraft, title: " Rest ", date: "2026-12-24" }, zone);
    expect(made).toMatchObject({ title: "Rest", due_at: "2026-12-24T22:59:00.000Z" });
    const again = draftOf({ ...task, due_at: made.due_at ?? null }, zone);
    expect(again).toMatchObject({ date: "2026-12-24", time: "" });
  });
});
