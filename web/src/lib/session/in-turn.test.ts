import { afterEach, expect, test, vi } from "vitest";

import { inTurn } from "./in-turn.ts";

afterEach(() => vi.useRealTimers());

test("a turn that takes longer than its lease is still one tab's alone", async () => {
  vi.useFakeTimers({ toFake: ["Date", "setInterval", "clearInterval"] });
  const done: string[] = [];
  const ending = new EventTarget();
  const first = inTurn(async () => {
    await new Promise((end) => ending.addEventListener("end", end));
    done.push("first");
  });
  await vi.waitFor(() => expect(vi.getTimerCount()).toBe(1));

  const second = inTurn(() => Promise.resolve(done.push("second")));
  for (let seconds = 0; seconds < 30; seconds++) {
    await vi.advanceTimersByTimeAsync(1000);
    await new Promise((next) => setTimeout(next, 5));
  }
  expect(done).toEqual([]);

  ending.dispatchEvent(new Event("end"));
  await Promise.all([first, second]);
  expect(done).toEqual(["first", "second"]);
});
