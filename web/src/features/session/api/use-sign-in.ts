import { useMutation } from "@tanstack/react-query";

import { answer, publicApi } from "../../../lib/api/client.ts";
import { goTo } from "../../../lib/location.ts";
import { unsubscribe, unsubscribeOthers } from "../../../lib/push/this-browser.ts";
import { leaveSession } from "../../../lib/session/refresh.ts";
import { keepGrant, type Grant } from "../../../lib/session/store.ts";
import { browserZone } from "../../../lib/time/zone.ts";

export interface Login {
  readonly email: string;
  readonly password: string;
}

export interface Registration extends Login {
  readonly name: string;
}

export function useLogin() {
  return useSignIn((login: Login) => answer(publicApi.POST("/api/auth/login", { body: login })));
}

export function useRegister() {
  return useSignIn(({ email, password, name }: Registration) =>
    answer(
      publicApi.POST("/api/auth/register", {
        body: { email, password, timezone: browserZone(), ...(name === "" ? {} : { name }) },
      }),
    ),
  );
}

export function useSignOut() {
  return useMutation({
    mutationFn: async () => {
      // What is pushed is for whoever is signed in; no push service may keep anybody from leaving.
      await unsubscribe().catch(() => undefined);
      const credentials = await leaveSession();
      goTo("/sign-in");
      if (credentials === null) return;
      await publicApi.POST("/api/auth/logout", {
        body: { refresh_token: credentials.refreshToken },
      });
    },
  });
}

/** Signs in; the page then starts anew for that person, so nothing is cached here. */
function useSignIn<V>(signIn: (values: V) => Promise<Grant>) {
  return useMutation({
    mutationFn: signIn,
    onSuccess: async (grant) => {
      // As in signing out: what is pushed is for whoever is signed in, and keeps nobody out.
      await unsubscribeOthers(grant.user.id).catch(() => undefined);
      if (["/sign-in", "/register"].includes(location.pathname)) goTo("/", "replace");
      await keepGrant(grant);
    },
  });
}
