import { useSyncExternalStore } from "react";

import { currentSession, subscribeToSession, type Session } from "./store.ts";

export function useSession(): Session {
  return useSyncExternalStore(subscribeToSession, currentSession);
}
