/**
 * Where the tokens lie: IndexedDB. All tabs share it, and what one has written the next one reads; of localStorage a
 * tab may see an old copy for a moment, would spend a spent token, and end the session.
 *
 * The access token lies there as well. A page that is loaded then goes on with it: it need not spend the refresh token
 * each time, whose answer would be lost, and the session with it, if somebody reloads once more before it is there.
 */

import { inStore } from "../browser-store.ts";

export interface AccessToken {
  readonly token: string;
  /** By this computer's clock, in milliseconds since 1970. */
  readonly expiresAt: number;
}

export interface Credentials {
  readonly userId: string;
  readonly refreshToken: string;
  /** The one that came with it; `null` where an older version of the page has kept none. */
  readonly access: AccessToken | null;
}

const key = "credentials";

export async function readCredentials(): Promise<Credentials | null> {
  const found: unknown = await inStore("readonly", (session) => session.get(key));
  if (!isRecord(found)) return null;
  const { userId, refreshToken, access } = found;
  if (typeof userId !== "string" || typeof refreshToken !== "string") return null;
  return { userId, refreshToken, access: isAccessToken(access) ? access : null };
}

export async function writeCredentials(credentials: Credentials): Promise<void> {
  await inStore("readwrite", (session) => session.put(credentials, key));
}

export async function deleteCredentials(): Promise<void> {
  await inStore("readwrite", (session) => session.delete(key));
}

function isAccessToken(value: unknown): value is AccessToken {
  return isRecord(value) && typeof value.token === "string" && typeof value.expiresAt === "number";
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
