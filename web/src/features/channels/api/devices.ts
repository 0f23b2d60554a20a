import { useMutation, useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";

import { answer, api, succeed } from "../../../lib/api/client.ts";
import { deviceName } from "../../../lib/push/device-name.ts";
import {
  askPermission,
  pushState,
  subscribe,
  unsubscribe,
} from "../../../lib/push/this-browser.ts";
import { changeSettings, settingsKey } from "./settings.ts";

const devicesKey = ["push-devices"];
const thisBrowserKey = ["push-here"];

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
      const { endpoint = "", keys = {} } = await subscribe(public_key);
      const { p256dh = "", auth = "" } = keys;
      const device = deviceName(navigator.userAgent);
      await answer(
        api.POST("/api/push-subscriptions", { body: { endpoint, keys: { p256dh, auth }, device } }),
      );
      await changeSettings({ web_push: true });
    },
    onSettled: () => refresh(queries),
  });
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
      await succeed(api.DELETE("/api/push-subscriptions/{id}", { params: { path: { id } } }));
      if (isHere) await unsubscribe();
    },
    onSettled: () => refresh(queries),
  });
}

function refresh(queries: QueryClient) {
  return Promise.all(
    [devicesKey, thisBrowserKey, settingsKey].map((queryKey) =>
      queries.invalidateQueries({ queryKey }),
    ),
  );
}
