import { Icon } from "../../../components/Icon.tsx";
import { Failure } from "../../../components/Notice.tsx";
import type { PushDevice } from "../../../lib/api/types.ts";
import { timeWords } from "../../../lib/time/words.ts";
import { useZone } from "../../../lib/time/zone-context.ts";
import { useRemoveDevice } from "../api/devices.ts";
import styles from "./Channel.module.css";

interface DeviceListProps {
  readonly devices: readonly PushDevice[];
  /** The endpoint of this browser; `null` if it has none. */
  readonly endpointHere: string | null;
}

export function DeviceList({ devices, endpointHere }: DeviceListProps) {
  return (
    <ul className={styles.devices} aria-label="Devices">
      {devices.map((device) => (
        <DeviceLine key={device.id} device={device} isHere={device.endpoint === endpointHere} />
      ))}
    </ul>
  );
}

interface DeviceLineProps {
  readonly device: PushDevice;
  readonly isHere: boolean;
}

function DeviceLine({ device, isHere }: DeviceLineProps) {
  const zone = useZone();
  const remove = useRemoveDevice();
  const words = (time: string) => timeWords(new Date(time), zone);
  const name = device.device ?? "A browser";
  return (
    <li>
      <div className={styles.line}>
        <Icon name="device" />
        <div className={styles.about}>
          <strong>{name}</strong>
          {isHere && <span className="soft"> · this browser</span>}
          <p className="soft">
            Since {words(device.created_at)},{" "}
            {device.last_used_at === null
              ? "nothing sent yet"
              : `last sent ${words(device.last_used_at)}`}
          </p>
        </div>
        <button
          type="button"
          className="button"
          aria-label={`Remove ${name}, since ${words(device.created_at)}`}
          disabled={remove.isPending}
          onClick={() => remove.mutate({ id: device.id, isHere })}
        >
          {remove.isPending ? "Removing…" : "Remove"}
        </button>
      </div>
      {remove.isError && <Failure doing="It is still on the list." error={remove.error} />}
    </li>
  );
}
