/** The one way to the API: typed by the OpenAPI document. */

import createClient from "openapi-fetch";

import { authorizedFetch } from "../session/authorized-fetch.ts";
import { errorFromReply, unreachable } from "./problem.ts";
import type { paths } from "./schema.gen.ts";

/** Calls that need somebody signed in. */
export const api = createClient<paths>({ baseUrl: location.origin, fetch: authorizedFetch });

/** Calls that sign somebody in or out. */
export const publicApi = createClient<paths>({
  baseUrl: location.origin,
  fetch: (request) =>
    fetch(request).catch(() => {
      throw unreachable();
    }),
});

interface Outcome<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

/** The body of a reply that says yes; an `ApiError` for any other. */
export async function answer<T>(call: Promise<Outcome<T>>): Promise<NonNullable<T>> {
  const { data, response } = await succeed(call);
  if (data === undefined || data === null) throw errorFromReply(response, null);
  return data;
}

/** As `answer`, for replies without a body. */
export async function succeed<T>(call: Promise<Outcome<T>>): Promise<Outcome<T>> {
  const outcome = await call;
  if (!outcome.response.ok) throw errorFromReply(outcome.response, outcome.error);
  return outcome;
}
