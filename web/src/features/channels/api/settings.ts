import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { answer, api, succeed } from "../../../lib/api/client.ts";
import type { NotificationSettings, NotificationSettingsPatch } from "../../../lib/api/types.ts";

export const settingsKey = ["notification-settings"] as const;

export function useNotificationSettings() {
  return useQuery({
    queryKey: settingsKey,
    queryFn: () => answer(api.GET("/api/notification-settings")),
  });
}

export function changeSettings(body: NotificationSettingsPatch): Promise<NotificationSettings> {
  return answer(
    api.PATCH("/api/notification-settings", {
      body,
      headers: { "content-type": "application/merge-patch+json" },
    }),
  );
}

export function useChangeSettings() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: changeSettings,
    onSuccess: (settings) => queries.setQueryData(settingsKey, settings),
    onSettled: () => queries.invalidateQueries({ queryKey: settingsKey }),
  });
}

/**
 * Sets the webhook's address, and then turns the channel on. Two outcomes: the reply to the first is the only one that ever has
 * the secret, and it is there whatever becomes of the second.
 */
export function useSetWebhook() {
  const queries = useQueryClient();
  const turnOn = useChangeSettings();
  const set = useMutation({
    mutationFn: (url: string) =>
      answer(api.PUT("/api/notification-settings/webhook", { body: { url } })),
    onSuccess: () => turnOn.mutate({ webhook: true }),
    onSettled: () => queries.invalidateQueries({ queryKey: settingsKey }),
  });
  return { set, turnOn };
}

export function useRemoveWebhook() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => succeed(api.DELETE("/api/notification-settings/webhook")),
    onSettled: () => queries.invalidateQueries({ queryKey: settingsKey }),
  });
}
