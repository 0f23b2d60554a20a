import { describe, expect, test } from "vitest";

import { apiQuery, filtersFromQuery, noFilters, queryFromFilters, sortOf } from "./filters.ts";

const now = new Date("2026-10-01T21:30:00Z");

describe("filters in the address bar", () => {
  test("no filters need no query", () => {
    expect(queryFromFilters(noFilters).toString()).toBe("");
    expect(filtersFromQuery(new URLSearchParams())).toEqual(noFilters);
  });

  test("all of them survive the way there and back", () => {
    const filters = {
      view: "completed",
      priority: "High",
      tags: ["home", "größer & more"],
      search: "rent=1 #2",
      due: "week",
      sort: "title",
    } as const;
    const address = queryFromFilters(filters).toString();
    expect(filtersFromQuery(new URLSearchParams(address))).toEqual(filters);
  });

  test("what a query says wrongly counts as not said", () => {
    const query = new URLSearchParams("view=gone&priority=high&due=1&sort=;drop&tag=&tag=a&tag=a");
    expect(filtersFromQuery(query)).toEqual({ ...noFilters, tags: ["a"] });
  });
});

describe("filters as the API takes them", () => {
  test("by default the open tasks come, newest first", () => {
    expect(apiQuery(noFilters, now, "UTC")).toEqual({
      status: ["pending", "in_progress"],
      priority: [],
      tags: [],
      sort_by: "created_at",
      sort_order: "desc",
    });
  });

  test("today is today in the zone", () => {
    expect(apiQuery({ ...noFilters, due: "today" }, now, "Asia/Tokyo")).toMatchObject({
      due_after: "2026-10-01T15:00:00.000Z",
      due_before: "2026-10-02T15:00:00.000Z",
    });
  });

  test("overdue ends now and has no beginning", () => {
    const query = apiQuery({ ...noFilters, due: "overdue" }, now, "UTC");
    expect(query).toMatchObject({ due_before: now.toISOString() });
    expect(query).not.toHaveProperty("due_after");
  });

  test("a search puts the best match first unless told otherwise", () => {
    expect(sortOf({ ...noFilters, search: "rent" })).toBe("relevance");
    expect(sortOf({ ...noFilters, search: "rent", sort: "due" })).toBe("due");
  });

  test("relevance means nothing without a search", () => {
    expect(sortOf({ ...noFilters, sort: "relevance" })).toBe("newest");
  });
});
