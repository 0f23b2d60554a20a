import { beforeEach, describe, expect, test, vi } from "vitest";

import { forgetTold, keepTold } from "../src/lib/push/told.ts";
import { resubscribe, type Change } from "./resubscribe.ts";

const told = { userId: "ada", endpoint: "https://push.example.org/old", publicKey: "key" };
const subscribe = vi.fn();
const tellPages = vi.fn();

/** The browser's push service has ended the subscription. */
const ended = (change: Change) =>
  resubscribe(change, { subscribe } as unknown as PushManager, tellPages);

beforeEach(async () => {
  await forgetTold();
  subscribe.mockReset().mockResolvedValue({});
  tellPages.mockReset().mockResolvedValue(undefined);
});

describe("a subscription that ends", () => {
  test("is made again with its own key, and the open pages are told", async () => {
    const key = new ArrayBuffer(65);
    await ended({
      oldSubscription: { options: { applicationServerKey: key } } as PushSubscription,
      newSubscription: null,
    });
    expect(subscribe.mock.calls).toEqual([[{ userVisibleOnly: true, applicationServerKey: key }]]);
    expect(tellPages).toHaveBeenCalledOnce();
  });

  test("is made again with the key that was kept, where the browser does not say which", async () => {
    await keepTold(told);
    await ended({});
    expect(subscribe.mock.calls).toEqual([
      [{ userVisibleOnly: true, applicationServerKey: "key" }],
    ]);
  });

  test("and that the browser has made again by itself is only told of", async () => {
    await ended({ newSubscription: {} as PushSubscription });
    expect(subscribe).not.toHaveBeenCalled();
    expect(tellPages).toHaveBeenCalledOnce();
  });

  test("is not made again where push was turned off", async () => {
    await ended({ oldSubscription: null, newSubscription: null });
    expect(subscribe).not.toHaveBeenCalled();
    expect(tellPages).not.toHaveBeenCalled();
  });

  test("and can't be made again is not told of as if it had been", async () => {
    await keepTold(told);
    subscribe.mockRejectedValue(new DOMException("no permission", "NotAllowedError"));
    await expect(ended({})).rejects.toThrow("no permission");
    expect(tellPages).not.toHaveBeenCalled();
  });
});
