import { describe, expect, test } from "vitest";

import { errorFromReply, messageOf } from "./problem.ts";

const reply = (status: number, headers: Record<string, string> = {}) =>
  new Response(null, { status, headers });

describe("what went wrong, in words", () => {
  test("a problem says its detail", () => {
    const error = errorFromReply(reply(409), { title: "Conflict", detail: "It is taken." });
    expect(messageOf(error)).toBe("It is taken.");
  });

  test("a wrong value is told at its field", () => {
    const errors = [{ field: "title", message: "must not be blank" }];
    const error = errorFromReply(reply(422), { detail: "Wrong.", errors });
    expect(error.field("title")).toBe("must not be blank");
    expect(error.field("tags")).toBeUndefined();
  });

  test("an error of one part of a field is told at the field", () => {
    const errors = [{ field: "tags.2", message: "is too long" }];
    expect(errorFromReply(reply(422), { errors }).field("tags")).toBe("is too long");
  });

  test("of many faults the first are told, and how many more there are", () => {
    const errors = Array.from({ length: 1_003 }, (_, at) => ({
      field: `tasks.${at}.title`,
      message: "must not be blank",
    }));
    const words = (count: number) => errorFromReply(reply(422), { errors: errors.slice(0, count) });
    expect(messageOf(words(3))).toBe(
      "tasks.0.title: must not be blank; tasks.1.title: must not be blank; tasks.2.title: must not be blank",
    );
    expect(messageOf(words(1_003))).toBe(`${messageOf(words(3))}; and 1,000 more`);
    expect(words(1_003).field("tasks.999")).toBe("must not be blank");
  });

  test("a limit says how long to wait", () => {
    const error = errorFromReply(reply(429, { "retry-after": "12" }), {});
    expect(error.message).toContain("12 seconds");
  });

  test("a broken answer says nothing of the inside", () => {
    expect(errorFromReply(reply(502), "<html>nginx</html>").message).toBe(
      "Rondo has trouble at the moment. Try again in a minute.",
    );
    expect(messageOf(new RangeError("x is undefined"))).not.toContain("undefined");
  });

  test("the id of the request is kept for whoever looks into it", () => {
    expect(errorFromReply(reply(500, { "x-request-id": "r-1" }), null).requestId).toBe("r-1");
  });
});
