import { useMutation, useQueryClient } from "@tanstack/react-query";

import { answer, api } from "../../../lib/api/client.ts";
import { meQuery } from "../../../lib/session/me.ts";

interface Profile {
  readonly name: string;
  readonly timezone: string;
}

export function useSaveProfile() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ name, timezone }: Profile) =>
      answer(api.PATCH("/api/auth/me", { body: { name: name.trim() || null, timezone } })),
    onSuccess: (user) => queries.setQueryData(meQuery.queryKey, user),
  });
}

interface PasswordChange {
  readonly current: string;
  readonly wanted: string;
}

export function useChangePassword() {
  return useMutation({
    mutationFn: ({ current, wanted }: PasswordChange) =>
      answer(api.PATCH("/api/auth/me", { body: { password: wanted, current_password: current } })),
  });
}
