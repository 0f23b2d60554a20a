/**
 * Who is signed in. The tokens lie in `vault.ts`, and this tab remembers the access token; `refresh.ts` renews it.
 * localStorage only says who it is, so that tabs hear of each other.
 */

import { deleteCredentials, writeCredentials, type AccessToken } from "./vault.ts";

export type Session =
  | { readonly state: "signed-in"; readonly userId: string }
  | { readonly state: "signed-out"; readonly because: "never" | "asked" | "ended" };

/** What a registration, a login and a refresh answer. */
export interface Grant {
  readonly user: { readonly id: string };
  readonly access_token: string;
  readonly expires_in: number;
  readonly refresh_token: string;
}

const whoKey = "rondo.user";
/** An access token is renewed this long before it ends, so that none ends on its way. */
const marginMs = 30_000;

let access: AccessToken | null = null;
/** What the service did not take, whatever its time says: it may still lie in the vault. */
let refused: string | null = null;
let session: Session = stored("never");
const listeners = new Set<() => void>();

export function currentSession(): Session {
  return session;
}

export function subscribeToSession(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The access token of this tab, unless it is about to end. */
export function freshAccessToken(now = Date.now()): string | null {
  return access !== null && now < access.expiresAt - marginMs ? access.token : null;
}

export async function keepGrant(grant: Grant): Promise<void> {
  const userId = grant.user.id;
  const granted = {
    token: grant.access_token,
    expiresAt: Date.now() + grant.expires_in * 1000,
  };
  await writeCredentials({ userId, refreshToken: grant.refresh_token, access: granted });
  access = granted;
  localStorage.setItem(whoKey, userId);
  become({ state: "signed-in", userId });
}

/** Goes on with an access token out of the vault, where another tab or this one before it was loaded anew has left it. */
export function takeOver(kept: AccessToken | null): string | null {
  if (kept === null || kept.token === refused) return null;
  access = kept;
  return freshAccessToken();
}

export async function forgetSession(because: "asked" | "ended"): Promise<void> {
  access = null;
  await deleteCredentials();
  localStorage.removeItem(whoKey);
  become({ state: "signed-out", because });
}

/** The service no longer takes this access token: the next call asks for a new one. */
export function dropAccessToken(token: string): void {
  refused = token;
  if (access?.token === token) access = null;
}

/** Follows what other tabs do: signing out here, or changing to the person who signed in there. */
export function followOtherTabs(): void {
  window.addEventListener("storage", (event) => {
    if (event.key !== whoKey && event.key !== null) return;
    const next = stored("asked");
    if (isSame(session, next)) return;
    access = null;
    become(next);
  });
}

function stored(otherwise: "never" | "asked"): Session {
  const userId = localStorage.getItem(whoKey);
  return userId === null
    ? { state: "signed-out", because: otherwise }
    : { state: "signed-in", userId };
}

function become(next: Session): void {
  if (isSame(session, next)) return;
  session = next;
  for (const listener of listeners) listener();
}

function isSame(a: Session, b: Session): boolean {
  return a.state === "signed-in"
    ? b.state === "signed-in" && a.userId === b.userId
    : b.state === "signed-out" && a.because === b.because;
}
