import { Icon } from "../../../components/Icon.tsx";
import type { Notification } from "../../../lib/api/types.ts";
import styles from "./PanelItem.module.css";

type Delivery = Notification["deliveries"][number];

const channelNames: Record<Delivery["channel"], string> = {
  web_push: "The push to a device",
  webhook: "The webhook",
  email: "The e-mail",
};

/** By which ways a notification did not arrive, and why. What arrived needs no words. */
export function Deliveries({ deliveries }: { readonly deliveries: readonly Delivery[] }) {
  const failed = deliveries.filter(({ status }) => status === "failed");
  if (failed.length === 0) return null;
  return (
    <ul className={styles.failed} aria-label="What failed">
      {failed.map(({ channel, last_error: error }, index) => (
        <li key={index}>
          <Icon name="warn" />
          <span>
            {channelNames[channel]} failed{error !== null && `: ${error}`}
          </span>
        </li>
      ))}
    </ul>
  );
}
