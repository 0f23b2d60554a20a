import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { inStore } from "../browser-store.ts";
import { authorizedFetch } from "./authorized-fetch.ts";
import { accessToken, leaveSession } from "./refresh.ts";
import {
  currentSession,
  dropAccessToken,
  followOtherTabs,
  freshAccessToken,
  keepGrant,
} from "./store.ts";
import { deleteCredentials, readCredentials, writeCredentials } from "./vault.ts";

const grant = (number: number, user = "ada") => ({
  user: { id: user },
  access_token: `access-${number}`,
  expires_in: 900,
  refresh_token: `refresh-${number}`,
});

/** Answers each refresh with the next grant and remembers what was spent. */
function service() {
  const spent: string[] = [];
  const answer = vi.fn((request: string | Request, init?: RequestInit) => {
    if (typeof request !== "string") return Promise.resolve(new Response("ok"));
    const body = JSON.parse(typeof init?.body === "string" ? init.body : "") as {
      refresh_token: string;
    };
    spent.push(body.refresh_token);
    return Promise.resolve(Response.json(grant(spent.length + 1)));
  });
  vi.stubGlobal("fetch", answer);
  return { spent, answer };
}

/** The access token is about to end. */
function forgetAccess(): void {
  const token = freshAccessToken();
  if (token !== null) dropAccessToken(token);
}

beforeEach(async () => {
  await keepGrant(grant(1));
});

afterEach(async () => {
  vi.unstubAllGlobals();
  await deleteCredentials();
});

describe("the session", () => {
  test("an access token is used until shortly before its end", async () => {
    const { spent } = service();
    expect(await accessToken()).toBe("access-1");
    expect(spent).toEqual([]);
    expect(freshAccessToken(Date.now() + 880_000)).toBeNull();
  });

  test("many calls at once spend one refresh token", async () => {
    const { spent } = service();
    forgetAccess();
    const tokens = await Promise.all([accessToken(), accessToken(), accessToken()]);
    expect(tokens).toEqual(["access-2", "access-2", "access-2"]);
    expect(spent).toEqual(["refresh-1"]);
  });

  test("the newest refresh token is spent, also when another tab has renewed it", async () => {
    const { spent } = service();
    forgetAccess();
    await writeCredentials({
      userId: "ada",
      refreshToken: "refresh-of-another-tab",
      access: null,
    });
    await accessToken();
    expect(spent).toEqual(["refresh-of-another-tab"]);
    expect((await readCredentials())?.refreshToken).toBe("refresh-2");
  });

  test("a spent refresh token ends the session", async () => {
    vi.stubGlobal("fetch", () => Promise.resolve(new Response("{}", { status: 401 })));
    forgetAccess();
    await expect(accessToken()).rejects.toMatchObject({ status: 401 });
    expect(currentSession()).toEqual({ state: "signed-out", because: "ended" });
    expect(await readCredentials()).toBeNull();
  });

  test.each([
    ["no connection", () => Promise.reject(new TypeError("offline")), 0],
    ["trouble of the service", () => Promise.resolve(new Response("", { status: 503 })), 503],
    ["an answer that is cut off", () => Promise.resolve(new Response('{"user":')), 0],
    ["too many calls", () => Promise.resolve(new Response("", { status: 429 })), 429],
    ["leaving the page", () => Promise.reject(new DOMException("", "AbortError")), 0],
  ])("%s does not end it", async (_, fetch, status) => {
    vi.stubGlobal("fetch", fetch);
    forgetAccess();
    await expect(accessToken()).rejects.toMatchObject({ status });
    expect(currentSession()).toEqual({ state: "signed-in", userId: "ada" });
    expect((await readCredentials())?.refreshToken).toBe("refresh-1");
  });

  test("the token of somebody else who signed in meanwhile is not touched", async () => {
    const { spent } = service();
    forgetAccess();
    await writeCredentials({ userId: "grace", refreshToken: "of-grace", access: null });
    await expect(accessToken()).rejects.toMatchObject({ status: 401 });
    expect(spent).toEqual([]);
    expect((await readCredentials())?.refreshToken).toBe("of-grace");
  });

  test("leaving says which token the service is to forget", async () => {
    expect(await leaveSession()).toMatchObject({ userId: "ada", refreshToken: "refresh-1" });
    expect(currentSession()).toEqual({ state: "signed-out", because: "asked" });
    expect(freshAccessToken()).toBeNull();
  });

  test("signing out in another tab signs out here", async () => {
    followOtherTabs();
    localStorage.clear();
    window.dispatchEvent(new StorageEvent("storage", { key: "rondo.user" }));
    expect(currentSession()).toEqual({ state: "signed-out", because: "asked" });
    expect(freshAccessToken()).toBeNull();
    await Promise.resolve();
  });
});

describe("tabs", () => {
  /** The page in another tab: modules of its own over the same store of the browser. */
  async function anotherTab() {
    vi.resetModules();
    return (await import("./refresh.ts")).accessToken;
  }

  test("that are loaded go on with the access token that is there, and spend nothing", async () => {
    const { spent } = service();
    const loaded = [await anotherTab(), await anotherTab()];
    expect(await Promise.all(loaded.map((token) => token()))).toEqual(["access-1", "access-1"]);
    expect(spent).toEqual([]);
  });

  test("that need a new access token at the same time spend one refresh token", async () => {
    const { spent } = service();
    await writeCredentials({ userId: "ada", refreshToken: "refresh-1", access: null });
    const tabs = [await anotherTab(), await anotherTab(), await anotherTab()];
    const tokens = await Promise.all(tabs.map((token) => token()));
    expect(tokens).toEqual(["access-2", "access-2", "access-2"]);
    expect(spent).toEqual(["refresh-1"]);
  });

  test("do not take over what the service has refused", async () => {
    const { spent } = service();
    forgetAccess();
    expect(await accessToken()).toBe("access-2");
    expect(spent).toEqual(["refresh-1"]);
  });

  test("do not wait for ever for one that was closed in its turn", async () => {
    service();
    forgetAccess();
    const closed = { holder: "closed", until: Date.now() + 300 };
    await inStore("readwrite", (store) => store.put(closed, "rondo.refresh"));
    expect(await accessToken()).toBe("access-2");
    expect(Date.now()).toBeGreaterThanOrEqual(closed.until);
  });
});

describe("a call", () => {
  const call = () =>
    authorizedFetch(new Request("http://rondo.test/api/tasks", { method: "POST", body: "{}" }));
  const bearer = (request: string | Request) =>
    typeof request === "string" ? request : request.headers.get("authorization");

  test("carries the bearer token", async () => {
    const { answer } = service();
    await call();
    expect(answer.mock.calls.map(([request]) => bearer(request))).toEqual(["Bearer access-1"]);
  });

  test("that is refused with 401 is made once more with a new token", async () => {
    const { answer, spent } = service();
    answer.mockResolvedValueOnce(new Response("", { status: 401 }));
    expect((await call()).status).toBe(200);
    expect(spent).toEqual(["refresh-1"]);
    expect(bearer(answer.mock.lastCall?.[0] ?? "")).toBe("Bearer access-2");
  });

  test("without an answer says that the service can't be reached", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("offline")));
    await expect(call()).rejects.toMatchObject({ status: 0, name: "ApiError" });
  });
});
