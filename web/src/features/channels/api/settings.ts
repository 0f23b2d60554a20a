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

/** Sets the webhook's address and turns the channel on; only this reply ever has the secret. */
export function useSetWebhook() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (url: string) => {
      const webhook = await answer(
        api.PUT("/api/notification-settings/webhook", { body: { url } }),
      );
      await changeSettings({ webhook: true });
      return webhook;
    },
    onSettled: () => queries.invalidateQueries({ queryKey: settingsKey }),
  });
}

export function useRemoveWebhook() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => succeed(api.DELETE("/api/notification-settings/webhook")),
    onSettled: () => queries.invalidateQueries({ queryKey: settingsKey }),
  });
}
