import { expect, test } from "vitest";

import { tidyTag } from "./tag.ts";

test("a tag is trimmed, lower-cased and free of commas", () => {
  expect(tidyTag(" Home, ")).toBe("home");
  expect(tidyTag(" , ")).toBeNull();
});
