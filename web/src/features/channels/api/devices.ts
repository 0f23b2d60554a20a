import { useMutation, useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

import { answer, api, succeed } from "../../../lib/api/client.ts";
import { ApiError } from "../../../lib/api/problem.ts";
import { deviceName } from "../../../lib/push/device-name.ts";
import {
  askPermission,
  onPushChanged,
  pushState,
  subscribe,
  subscriptionHere,
  unsubscribe,
} from "../../../lib/push/this-browser.ts";
import { keepTold, readTold } from "../../../lib/push/told.ts";
import { currentSession } from "../../../lib/session/store.ts";
import { changeSettings, settingsKey } from "./settings.ts";

const devicesKey = ["push-devices"];
const thisBrowserKey = ["push-here"];
const movedKey = ["push-moved"];

/** The browsers that get push messages. */
export function useDevices() {
  return useQuery({
    queryKey: devicesKey,
    queryFn: () => answer(api.GET("/api/push-subscriptions")),
  });
}

/** What this browser says of push, whatever the service knows of it. */
export function useThisBrowser() {
  return useQuery({ queryKey: thisBrowserKey, queryFn: pushState });
}

/** Subscribes this browser, and turns the channel on. Must be called in a click: the browser asks its user. */
export function useTurnOnHere() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async () => {
      await askPermission();
      const { public_key } = await answer(api.GET("/api/push-subscriptions/key"));
      await tell(await subscribe(public_key), public_key);
      await changeSettings({ web_push: true });
    },
    onSettled: () => refresh(queries),
  });
}

/** Tells the service where to push to for this browser, and keeps what was told. */
async function tell(
  { endpoint = "", keys: { p256dh = "", auth = "" } = {} }: PushSubscriptionJSON,
  publicKey: string,
): Promise<void> {
  const device = deviceName(navigator.userAgent);
  await answer(
    api.POST("/api/push-subscriptions", { body: { endpoint, keys: { p256dh, auth }, device } }),
  );
  const session = currentSession();
  if (session.state === "signed-in") {
    await keepTold({ userId: session.userId, endpoint, publicKey });
  }
}

/**
 * Keeps the service in step with this browser, whose push service may have moved it elsewhere: while the page was open, which
 * the service worker tells, or before.
 */
export function useKeepPush(): void {
  const queries = useQueryClient();
  useQuery({ queryKey: movedKey, queryFn: () => followMove(queries) });
  useEffect(
    () => onPushChanged(() => void queries.invalidateQueries({ queryKey: movedKey })),
    [queries],
  );
}

/** Tells the service of another subscription than it was told of. Returns whether there was one. */
async function followMove(queries: QueryClient): Promise<boolean> {
  const [told, here] = await Promise.all([readTold(), subscriptionHere()]);
  const session = currentSession();
  if (told === null || here === null || here.endpoint === told.endpoint) return false;
  if (session.state !== "signed-in" || session.userId !== told.userId) return false;
  // The old one goes first: there may be no room for another.
  const devices = await answer(api.GET("/api/push-subscriptions"));
  const old = devices.find(({ endpoint }) => endpoint === told.endpoint);
  if (old !== undefined) await removeDevice(old.id);
  await tell(here, told.publicKey);
  await refresh(queries);
  return true;
}

/** Takes a device off the list; that it is gone already is as good. */
async function removeDevice(id: string): Promise<void> {
  await succeed(api.DELETE("/api/push-subscriptions/{id}", { params: { path: { id } } })).catch(
    (error: unknown) => {
      if (!(error instanceof ApiError && error.status === 404)) throw error;
    },
  );
}

interface Removal {
  readonly id: string;
  readonly isHere: boolean;
}

/** Takes a browser off the list; this one also stops to listen. */
export function useRemoveDevice() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ id, isHere }: Removal) => {
      await removeDevice(id);
      if (isHere) await unsubscribe();
    },
    onSettled: () => refresh(queries),
  });
}

/** Reads anew what this file knows. What is being read for the first time would be taken as it is, so it is given up. */
async function refresh(queries: QueryClient): Promise<void> {
  await Promise.all(
    [devicesKey, thisBrowserKey, settingsKey].map(async (queryKey) => {
      await queries.cancelQueries({ queryKey });
      await queries.invalidateQueries({ queryKey });
    }),
  );
}
