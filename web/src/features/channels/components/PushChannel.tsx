import { Failure, Notice } from "../../../components/Notice.tsx";
import type { NotificationSettings } from "../../../lib/api/types.ts";
import { PushError, type PushState } from "../../../lib/push/this-browser.ts";
import { useDevices, useThisBrowser, useTurnOnHere } from "../api/devices.ts";
import { Channel } from "./Channel.tsx";
import styles from "./Channel.module.css";
import { DeviceList } from "./DeviceList.tsx";

/** Push messages: to each browser in which they were turned on, also while the page is closed. */
export function PushChannel({ settings }: { readonly settings: NotificationSettings }) {
  const devices = useDevices();
  const here = useThisBrowser();
  const known = devices.data ?? [];
  const endpoint = here.data?.state === "on" ? here.data.endpoint : null;
  const isOnHere = known.some((device) => device.endpoint === endpoint);
  return (
    <Channel
      channel="web_push"
      title="On your devices"
      about="Each browser below shows them, also while Rondo is closed."
      settings={settings}
      missing={
        devices.data?.length === 0 ? "Turn it on in each browser that is to show them." : null
      }
    >
      {devices.isError && (
        <Failure
          doing="The devices could not be loaded."
          error={devices.error}
          onRetry={() => void devices.refetch()}
        />
      )}
      {known.length > 0 && <DeviceList devices={known} endpointHere={endpoint} />}
      {here.data && devices.data && !isOnHere && <TurnOn state={here.data.state} />}
    </Channel>
  );
}

function TurnOn({ state }: { readonly state: PushState["state"] }) {
  const turnOn = useTurnOnHere();
  if (state === "unsupported") {
    return (
      <p className={styles.note}>
        This browser can’t: it has no push messages, or Rondo was opened without HTTPS.
      </p>
    );
  }
  return (
    <>
      {state === "forbidden" && (
        <p className={styles.note}>
          This browser forbids it. Allow notifications for this site in its settings, then try
          again.
        </p>
      )}
      <div>
        <button
          type="button"
          className="button"
          disabled={turnOn.isPending}
          onClick={() => turnOn.mutate()}
        >
          {turnOn.isPending ? "Turning on…" : "Turn on for this browser"}
        </button>
      </div>
      {turnOn.error instanceof PushError ? (
        <Notice kind="bad">
          <strong>It is not on.</strong> {turnOn.error.message}
        </Notice>
      ) : (
        turnOn.isError && <Failure doing="It is not on." error={turnOn.error} />
      )}
    </>
  );
}
