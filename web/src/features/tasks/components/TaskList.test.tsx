import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, test, vi } from "vitest";

import type { Task } from "../../../lib/api/types.ts";
import { aTask } from "../test-task.ts";
import { TaskList } from "./TaskList.tsx";

const task = (title: string) => aTask({ id: title, title });
const three = ["First", "Second", "Third"].map(task);

function show() {
  const queries = new QueryClient();
  const page = (tasks: readonly Task[]) => (
    <QueryClientProvider client={queries}>
      <p>Blank page</p>
      <TaskList
        tasks={tasks}
        selection={new Set()}
        isOld={false}
        onSelect={vi.fn()}
        onEdit={vi.fn()}
        onDelete={vi.fn()}
      />
    </QueryClientProvider>
  );
  const { rerender } = render(page(three));
  return { become: (tasks: readonly Task[]) => rerender(page(tasks)) };
}

const box = (title: string) => screen.getByLabelText(`Select ${title}`);

describe("the focus in the list", () => {
  test("goes to the row that takes the place of one that leaves", () => {
    const { become } = show();
    box("Second").focus();
    become(three.filter(({ title }) => title !== "Second"));
    expect(document.activeElement).toBe(box("Third"));
  });

  test("is not taken back from somebody who has left the list, whatever changes in it", async () => {
    const { become } = show();
    await userEvent.click(box("First"));
    await userEvent.click(screen.getByText("Blank page"));
    expect(document.activeElement).toBe(document.body);
    become(three.map((one) => ({ ...one, version: 2 })));
    become(three.slice(1));
    expect(document.activeElement).toBe(document.body);
  });

  test("stays where it was while one is in another window", () => {
    const { become } = show();
    const second = box("Second");
    second.focus();
    // The browser says so without taking the focus from the row.
    second.dispatchEvent(new FocusEvent("focusout", { bubbles: true }));
    become(three.filter(({ title }) => title !== "Second"));
    expect(document.activeElement).toBe(box("Third"));
  });
});
