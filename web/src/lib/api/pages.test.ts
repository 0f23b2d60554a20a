import { describe, expect, test } from "vitest";

import { nextPage, onceEach } from "./pages.ts";

describe("pages", () => {
  test("the last full page has none after it", () => {
    expect(nextPage({ page: 1, page_size: 2, total: 3 })).toBe(2);
    expect(nextPage({ page: 2, page_size: 2, total: 4 })).toBeUndefined();
    expect(nextPage({ page: 1, page_size: 2, total: 0 })).toBeUndefined();
  });

  test("an item that slid to the next page meanwhile comes once, as it is now", () => {
    const pages = [
      [
        { id: "a", title: "A" },
        { id: "b", title: "before" },
      ],
      [
        { id: "b", title: "now" },
        { id: "c", title: "C" },
      ],
    ];
    expect(onceEach(pages).map(({ title }) => title)).toEqual(["A", "now", "C"]);
  });
});
