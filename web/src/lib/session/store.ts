/**
 * Who is signed in. The refresh token is in localStorage, where all tabs of the browser share it; the access token
 * stays in this tab's memory. `refresh.ts` renews one with the other.
 */

export interface Credentials {
  readonly userId: string;
  readonly refreshToken: string;
}

export type Session =
  | { readonly state: "signed-in"; readonly userId: string }
  | { readonly state: "signed-out"; readonly because: "never" | "asked" | "ended" };

interface AccessToken {
  readonly token: string;
  readonly expiresAt: number;
}

/** What a registration, a login and a refresh answer. */
export interface Grant {
  readonly user: { readonly id: string };
  readonly access_token: string;
  readonly expires_in: number;
  readonly refresh_token: string;
}

const storageKey = "rondo.session";
/** An access token is renewed this long before it ends, so that none ends on its way. */
const marginMs = 30_000;

let access: AccessToken | null = null;
let session: Session = fromStorage({ state: "signed-out", because: "never" });
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

export function readCredentials(): Credentials | null {
  const stored = localStorage.getItem(storageKey);
  if (stored === null) return null;
  try {
    const value: unknown = JSON.parse(stored);
    return isCredentials(value) ? value : null;
  } catch {
    return null;
  }
}

export function keepGrant(grant: Grant): void {
  access = { token: grant.access_token, expiresAt: Date.now() + grant.expires_in * 1000 };
  const credentials: Credentials = { userId: grant.user.id, refreshToken: grant.refresh_token };
  localStorage.setItem(storageKey, JSON.stringify(credentials));
  become({ state: "signed-in", userId: grant.user.id });
}

export function forgetSession(because: "asked" | "ended"): void {
  access = null;
  localStorage.removeItem(storageKey);
  become({ state: "signed-out", because });
}

/** The service no longer takes this access token: the next call asks for a new one. */
export function dropAccessToken(token: string): void {
  if (access?.token === token) access = null;
}

/** Follows what other tabs do: signing out here, or changing to the person who signed in there. */
export function followOtherTabs(): void {
  window.addEventListener("storage", (event) => {
    if (event.key !== storageKey && event.key !== null) return;
    const next = fromStorage({ state: "signed-out", because: "asked" });
    if (next.state === "signed-out" || !isSame(session, next)) access = null;
    become(next);
  });
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

function fromStorage(otherwise: Session): Session {
  const credentials = readCredentials();
  return credentials === null ? otherwise : { state: "signed-in", userId: credentials.userId };
}

function isCredentials(value: unknown): value is Credentials {
  return (
    typeof value === "object" &&
    value !== null &&
    "userId" in value &&
    typeof value.userId === "string" &&
    "refreshToken" in value &&
    typeof value.refreshToken === "string"
  );
}
