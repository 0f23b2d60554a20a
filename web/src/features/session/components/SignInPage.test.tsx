import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { keepTold, readTold } from "../../../lib/push/told.ts";
import { currentSession } from "../../../lib/session/store.ts";
import { SignInPage } from "./SignInPage.tsx";

const unsubscribe = vi.fn();

beforeEach(async () => {
  unsubscribe.mockReset().mockResolvedValue(true);
  const getSubscription = () => Promise.resolve({ unsubscribe });
  const getRegistration = () => Promise.resolve({ pushManager: { getSubscription } });
  Object.defineProperty(navigator, "serviceWorker", {
    configurable: true,
    value: { getRegistration },
  });
  vi.stubGlobal("PushManager", {});
  vi.stubGlobal("Notification", {});
  await keepTold({ userId: "ada", endpoint: "https://push.example.org/ada", publicKey: "key" });
});

afterEach(() => {
  vi.unstubAllGlobals();
  Reflect.deleteProperty(navigator, "serviceWorker");
});

/** Ada's session has ended; then somebody signs in. */
async function signIn(userId: string): Promise<void> {
  const grant = { user: { id: userId }, access_token: "t", expires_in: 900, refresh_token: "r" };
  vi.stubGlobal("fetch", () => Promise.resolve(Response.json(grant)));
  render(
    <QueryClientProvider client={new QueryClient()}>
      <SignInPage ended />
    </QueryClientProvider>,
  );
  await userEvent.type(screen.getByLabelText("E-mail"), "a@example.org");
  await userEvent.type(screen.getByLabelText("Password"), "correct horse battery{Enter}");
  await vi.waitFor(() => expect(currentSession()).toEqual({ state: "signed-in", userId }));
}

describe("what is pushed to this browser", () => {
  test("ends when somebody else signs in", async () => {
    await signIn("grace");
    expect(unsubscribe).toHaveBeenCalledOnce();
    expect(await readTold()).toBeNull();
  });

  test("goes on when the same person signs in again", async () => {
    await signIn("ada");
    expect(unsubscribe).not.toHaveBeenCalled();
    expect(await readTold()).toMatchObject({ userId: "ada" });
  });

  test("keeps nobody from signing in when it can't be ended", async () => {
    unsubscribe.mockRejectedValue(new DOMException("", "NetworkError"));
    await signIn("hedy");
    expect(unsubscribe).toHaveBeenCalledOnce();
  });
});
