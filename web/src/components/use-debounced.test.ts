import { act, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { useDebounced } from "./use-debounced.ts";

const pauseMs = 250;
const read = (text: string) => text.trim();
const commit = vi.fn();

beforeEach(() => {
  vi.useFakeTimers();
  commit.mockReset();
});
afterEach(() => vi.useRealTimers());

/** A box over a value that takes whatever is handed on. */
function box(before = "") {
  const hook = renderHook(
    ({ value }: { value: string }) => useDebounced({ value, read, commit, pauseMs }),
    { initialProps: { value: before } },
  );
  commit.mockImplementation((value: string) => hook.rerender({ value }));
  return {
    shown: () => hook.result.current[0],
    type: (text: string) => act(() => hook.result.current[1](text)),
    pause: () => act(() => void vi.advanceTimersByTime(pauseMs)),
    become: (value: string) => hook.rerender({ value }),
  };
}

describe("what is typed into a box", () => {
  test("is handed on once, when one pauses", () => {
    const { type, pause } = box();
    type("b");
    type("bu");
    type("buy");
    expect(commit).not.toHaveBeenCalled();
    pause();
    pause();
    expect(commit.mock.calls).toEqual([["buy"]]);
  });

  test("keeps its spaces over a pause, so that another word can follow", () => {
    const { shown, type, pause } = box();
    type("buy ");
    pause();
    expect(shown()).toBe("buy ");
    type(`${shown()}milk`);
    pause();
    expect(commit.mock.calls).toEqual([["buy"], ["buy milk"]]);
  });

  test("gives way to what is chosen elsewhere, and does not come back", () => {
    const { shown, type, pause, become } = box();
    type("buy ");
    pause();
    become("");
    expect(shown()).toBe("");
    pause();
    expect(commit.mock.calls).toEqual([["buy"]]);
  });

  test("gives way also before one has paused", () => {
    const { shown, type, pause, become } = box("rent");
    type("rent due");
    become("");
    expect(shown()).toBe("");
    pause();
    expect(commit).not.toHaveBeenCalled();
  });
});
