import { useUnread } from "../features/notifications/api/notifications.ts";

/** What the browser's tab says: the view, and before it how much is unread. */
export function PageTitle({ view }: { readonly view: string }) {
  const unread = useUnread();
  return <title>{`${unread > 0 ? `(${unread}) ` : ""}${view} · Rondo`}</title>;
}
