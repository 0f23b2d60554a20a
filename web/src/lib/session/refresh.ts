/** Renewing the access token. A refresh token can be spent once, so one tab at a time does it. */

import { ApiError, errorFromReply, unreachable } from "../api/problem.ts";
import {
  forgetSession,
  freshAccessToken,
  keepGrant,
  readCredentials,
  type Grant,
} from "./store.ts";

const lockName = "rondo.refresh";

let running: Promise<string> | null = null;

/** An access token that the service takes, renewed if need be. Fails with 401 when the session has ended. */
export async function accessToken(): Promise<string> {
  return freshAccessToken() ?? (running ??= renew().finally(() => (running = null)));
}

async function renew(): Promise<string> {
  return exclusively(async () => {
    const credentials = readCredentials();
    if (credentials === null) throw endSession();
    return spend(credentials.refreshToken);
  });
}

/** Runs `task` while no other tab does; without locks (plain HTTP on another host) this tab is all we know of. */
async function exclusively<T>(task: () => Promise<T>): Promise<T> {
  return "locks" in navigator ? navigator.locks.request(lockName, task) : task();
}

async function spend(refreshToken: string): Promise<string> {
  const response = await fetch("/api/auth/refresh", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ refresh_token: refreshToken }),
  }).catch(() => {
    throw unreachable();
  });
  if (response.status === 401) throw endSession();
  if (!response.ok) throw errorFromReply(response, await response.json().catch(() => null));
  const grant = (await response.json()) as Grant;
  keepGrant(grant);
  return grant.access_token;
}

function endSession(): ApiError {
  forgetSession("ended");
  return new ApiError("Your session has ended. Sign in again.", 401);
}
