import { unreachable } from "../api/problem.ts";
import { accessToken } from "./refresh.ts";
import { dropAccessToken } from "./store.ts";

/** `fetch` with the bearer token; renews it once if the service says 401. */
export async function authorizedFetch(request: Request): Promise<Response> {
  const again = request.clone();
  const token = await accessToken();
  const response = await send(request, token);
  if (response.status !== 401) return response;
  dropAccessToken(token);
  return send(again, await accessToken());
}

async function send(request: Request, token: string): Promise<Response> {
  request.headers.set("authorization", `Bearer ${token}`);
  return fetch(request).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw unreachable();
  });
}
