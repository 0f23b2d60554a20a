import type { IconName } from "../components/Icon.tsx";

/** The views of the page, in the order of the bar. */
export const views = [
  { view: "tasks", to: "/", icon: "list", name: "Tasks" },
  { view: "recurring", to: "/recurring", icon: "repeat", name: "Recurring" },
  { view: "settings", to: "/settings", icon: "settings", name: "Settings" },
] as const satisfies readonly { view: string; to: string; icon: IconName; name: string }[];

export type View = (typeof views)[number]["view"];

/** The view that an address shows. */
export function viewAt(address: URL): View {
  return views.find(({ to }) => to === address.pathname)?.view ?? "tasks";
}
