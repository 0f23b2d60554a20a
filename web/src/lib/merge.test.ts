import { describe, expect, test } from "vitest";

import { merge, partsOf, type Parts } from "./merge.ts";

interface Draft {
  readonly title: string;
  readonly date: string;
  readonly time: string;
  readonly tags: readonly string[];
}

const parts: Parts<Draft> = { Title: ["title"], Due: ["date", "time"], Tags: ["tags"] };
const before: Draft = { title: "Rent", date: "2026-12-01", time: "09:00", tags: ["home", "money"] };

function merged(mine: Partial<Draft>, newest: Partial<Draft>) {
  return merge(parts, {
    before,
    mine: { ...before, ...mine },
    newest: { ...before, ...newest },
  });
}

describe("a draft that is merged with the newest", () => {
  test("keeps its own changes and takes over all others", () => {
    expect(merged({ title: "Pay rent" }, { tags: ["home"] })).toEqual({
      draft: { ...before, title: "Pay rent", tags: ["home"] },
      conflicts: [],
    });
  });

  test("stands where both changed the same, which is named", () => {
    const { draft, conflicts } = merged({ title: "Mine" }, { title: "Theirs" });
    expect(draft.title).toBe("Mine");
    expect(conflicts).toEqual(["Title"]);
  });

  test("is not mixed with the newest within what belongs together", () => {
    const { draft, conflicts } = merged({ time: "18:00" }, { date: "2026-12-24" });
    expect(draft).toMatchObject({ date: "2026-12-01", time: "18:00" });
    expect(conflicts).toEqual(["Due"]);
  });

  test("does not conflict where both changed to the same, in whatever order", () => {
    const tags = { mine: ["home", "work"], theirs: ["work", "home"] };
    expect(merged({ tags: tags.mine }, { tags: tags.theirs }).conflicts).toEqual([]);
  });
});

test("parts are taken out by their names", () => {
  expect(partsOf(parts, ["Due"], before)).toEqual({ date: "2026-12-01", time: "09:00" });
});
