/**
 * Where the refresh token lies: IndexedDB. All tabs share it, and what one has written the next one reads; of
 * localStorage a tab may see an old copy for a moment, would spend a spent token, and end the session.
 */

export interface Credentials {
  readonly userId: string;
  readonly refreshToken: string;
}

const database = "rondo";
const store = "session";
const key = "credentials";

export async function readCredentials(): Promise<Credentials | null> {
  const found: unknown = await inStore("readonly", (session) => session.get(key));
  return isCredentials(found) ? found : null;
}

export async function writeCredentials(credentials: Credentials): Promise<void> {
  await inStore("readwrite", (session) => session.put(credentials, key));
}

export async function deleteCredentials(): Promise<void> {
  await inStore("readwrite", (session) => session.delete(key));
}

async function inStore<T>(
  mode: IDBTransactionMode,
  act: (session: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const opened = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = opened.transaction(store, mode);
      const request = act(transaction.objectStore(store));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error ?? new Error("the vault: aborted"));
    });
  } finally {
    opened.close();
  }
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(database, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(store);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("the vault: not opened"));
  });
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
