import { useId, type ReactNode } from "react";

import { Failure } from "../../../components/Notice.tsx";
import { ApiError } from "../../../lib/api/problem.ts";
import type { NotificationSettings } from "../../../lib/api/types.ts";
import { useChangeSettings } from "../api/settings.ts";
import styles from "./Channel.module.css";

interface ChannelProps {
  readonly channel: "web_push" | "webhook" | "email";
  readonly title: string;
  readonly about: string;
  readonly settings: NotificationSettings;
  /** What is missing for it to work; it can still be turned off then. */
  readonly missing: string | null;
  /** What it needs. */
  readonly children?: ReactNode;
}

/** One way to be told, with its switch. */
export function Channel({ channel, title, about, settings, missing, children }: ChannelProps) {
  const change = useChangeSettings();
  const id = useId();
  const isOn = settings[channel];
  const error = change.error instanceof ApiError ? change.error.field(channel) : undefined;
  return (
    <section className={styles.channel} aria-labelledby={id}>
      <div className={styles.head}>
        <div className={styles.about}>
          <h3 id={id}>{title}</h3>
          <p className="soft">{missing ?? about}</p>
        </div>
        <label className={styles.switch}>
          <input
            type="checkbox"
            role="switch"
            aria-labelledby={id}
            aria-invalid={error === undefined ? undefined : true}
            aria-describedby={error === undefined ? undefined : `${id}-error`}
            checked={isOn}
            disabled={change.isPending || (missing !== null && !isOn)}
            onChange={({ target }) => change.mutate({ [channel]: target.checked })}
          />
          <span aria-hidden="true">{isOn ? "On" : "Off"}</span>
        </label>
      </div>
      {error !== undefined && (
        <p id={`${id}-error`} className={styles.error} role="alert">
          {title} {error}
        </p>
      )}
      {change.isError && error === undefined && (
        <Failure doing="It stays as it is." error={change.error} />
      )}
      {children}
    </section>
  );
}
