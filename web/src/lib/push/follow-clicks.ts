import { goTo } from "../location.ts";

/** Goes where the service worker says, which is where a click on what was pushed leads. */
export function followPushClicks(): void {
  if (!("serviceWorker" in navigator)) return;
  navigator.serviceWorker.addEventListener("message", ({ data }) => {
    const place = placeIn(data);
    if (place !== null) goTo(place);
  });
  navigator.serviceWorker.startMessages();
}

/** The address in a message; only one of this page. */
function placeIn(message: unknown): string | null {
  if (typeof message !== "object" || message === null || !("goTo" in message)) return null;
  const { goTo: place } = message;
  return typeof place === "string" && new URL(place, location.origin).origin === location.origin
    ? place
    : null;
}
