import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { Dialog } from "./Dialog.tsx";
import { Toasts } from "./Toasts.tsx";
import { showToast } from "./toasts.ts";

const shown = () => screen.queryAllByText(/^(?:News|Said)/).map(({ textContent }) => textContent);
const more = () => screen.queryByText(/^and .* more$/)?.textContent;
const showAll = vi.fn();
const news = (number: number) => showToast({ kind: "news", text: `News ${number}`, showAll });
const say = (number: number) => showToast({ kind: "bad", text: `Said ${number}` });

beforeEach(() => {
  showAll.mockClear();
  vi.useFakeTimers();
  render(<Toasts />);
});

afterEach(() => {
  act(() => {
    vi.runAllTimers();
  });
  vi.useRealTimers();
});

describe("toasts", () => {
  test("that there is no room for are counted, and one is led to them", () => {
    act(() => [1, 2, 3, 4, 5, 6, 7].forEach(news));
    expect(shown()).toEqual(["News 5", "News 6", "News 7"]);
    expect(more()).toBe("and 4 more");
    fireEvent.click(screen.getByText("and 4 more"));
    expect(showAll).toHaveBeenCalledOnce();
    expect(shown()).toEqual([]);
  });

  test("of what is kept elsewhere give way to what is said nowhere else", () => {
    act(() => {
      say(1);
      [2, 3, 4].forEach(news);
      say(5);
    });
    expect(shown()).toEqual(["Said 1", "News 4", "Said 5"]);
    expect(more()).toBe("and 2 more");
  });

  test("go after a while, but not while somebody is at them", () => {
    act(() => [1, 2].forEach(news));
    const dismiss = screen.getAllByLabelText("Dismiss")[0];
    dismiss?.focus();
    act(() => void vi.advanceTimersByTime(60_000));
    expect(shown()).toEqual(["News 1", "News 2"]);
    dismiss?.blur();
    act(() => void vi.advanceTimersByTime(1_000));
    expect(shown()).toEqual([]);
  });

  test("come forward as others are dismissed, and none is counted that is shown", () => {
    act(() => [1, 2, 3, 4].forEach(news));
    fireEvent.click(screen.getAllByLabelText("Dismiss")[2] ?? document.body);
    expect(shown()).toEqual(["News 1", "News 2", "News 3"]);
    expect(more()).toBeUndefined();
  });

  test("said to one person are not shown to the next", () => {
    act(() => say(1));
    cleanup();
    say(2);
    render(<Toasts />);
    expect(shown()).toEqual([]);
  });
});

describe("toasts over a dialog", () => {
  const run = vi.fn();
  const offered = () =>
    [...document.querySelectorAll("button")].flatMap(({ textContent: words }) =>
      /^(?:Undo|Open|and .* more)$/.test(words) ? [words] : [],
    );
  let close: () => void;

  beforeEach(() => {
    HTMLDialogElement.prototype.showModal = function () {
      this.open = true;
    };
    HTMLDialogElement.prototype.close = vi.fn();
    close = render(
      <Dialog title="Edit task" onClose={vi.fn()}>
        What somebody writes
      </Dialog>,
    ).unmount;
  });

  test("stand in it, as all else is inert, and outlast it", () => {
    act(() => say(1));
    const dialog = screen.getByRole("dialog");
    expect(dialog.textContent).toContain("Said 1");
    close();
    expect(shown()).toEqual(["Said 1"]);
    expect(dialog.isConnected).toBe(false);
  });

  test("offer what is done on the spot, and what leads away from it only once it is closed", () => {
    act(() => {
      showToast({ kind: "good", text: "Said 1", action: { label: "Undo", run } });
      showToast({ kind: "news", text: "News", action: { label: "Open", run, leadsAway: true } });
    });
    expect(offered()).toEqual(["Undo"]);
    close();
    expect(offered()).toEqual(["Undo", "Open"]);
  });

  test("tell how many more there are, and lead to them once it is closed", () => {
    act(() => [1, 2, 3, 4].forEach(news));
    expect(more()).toBe("and 1 more");
    expect(offered()).toEqual([]);
    close();
    fireEvent.click(screen.getByText("and 1 more"));
    expect(showAll).toHaveBeenCalledOnce();
  });
});
