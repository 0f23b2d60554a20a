/** Renewing the access token. A refresh token can be spent once, so one tab at a time does it. */

import { ApiError, errorFromReply, unreachable } from "../api/problem.ts";
import { inTurn } from "./in-turn.ts";
import {
  currentSession,
  forgetSession,
  freshAccessToken,
  keepGrant,
  takeOver,
  type Grant,
} from "./store.ts";
import { readCredentials, type Credentials } from "./vault.ts";

let running: Promise<string> | null = null;

/** An access token that the service takes, renewed if need be. Fails with 401 when the session has ended. */
export async function accessToken(): Promise<string> {
  return freshAccessToken() ?? (running ??= renew().finally(() => (running = null)));
}

/** Forgets the session in this browser, and says what the service is to be told of it. */
export async function leaveSession(): Promise<Credentials | null> {
  return inTurn(async () => {
    const credentials = await readCredentials();
    await forgetSession("asked");
    return credentials;
  });
}

async function renew(): Promise<string> {
  return inTurn(async () => {
    const credentials = await readCredentials();
    if (credentials === null) throw await endSession();
    if (!isOurs(credentials.userId)) {
      throw new ApiError("Somebody else has signed in in another tab. Reload this page.", 401);
    }
    return takeOver(credentials.access) ?? spend(credentials.refreshToken);
  });
}

/** Whether this tab shows what belongs to that person: another may have signed in elsewhere this moment. */
function isOurs(userId: string): boolean {
  const session = currentSession();
  return session.state === "signed-in" && session.userId === userId;
}

async function spend(refreshToken: string): Promise<string> {
  const response = await fetch("/api/auth/refresh", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ refresh_token: refreshToken }),
  }).catch(() => {
    throw unreachable();
  });
  if (response.status === 401) throw await endSession();
  if (!response.ok) throw errorFromReply(response, await response.json().catch(() => null));
  const grant = (await response.json().catch(() => {
    throw unreachable();
  })) as Grant;
  await keepGrant(grant);
  return grant.access_token;
}

async function endSession(): Promise<ApiError> {
  await forgetSession("ended");
  return new ApiError("Your session has ended. Sign in again.", 401);
}
