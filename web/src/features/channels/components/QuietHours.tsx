import { useId, useState, type SubmitEvent } from "react";

import { TimeField } from "../../../components/CivilFields.tsx";
import { Failure } from "../../../components/Notice.tsx";
import { useErrorInSight } from "../../../components/use-error-in-sight.ts";
import { ApiError } from "../../../lib/api/problem.ts";
import type { NotificationSettings } from "../../../lib/api/types.ts";
import { useZone } from "../../../lib/time/zone-context.ts";
import { useChangeSettings } from "../api/settings.ts";
import styles from "./Channel.module.css";

const usual = { from: "22:00", until: "07:00" };

/** The hours in which nothing goes beyond the page. */
export function QuietHours({ settings }: { readonly settings: NotificationSettings }) {
  const zone = useZone();
  const id = useId();
  const change = useChangeSettings();
  const saved = settings.quiet_hours;
  const [hours, setHours] = useState(saved ?? usual);
  const form = useErrorInSight(change.error);
  const error = change.error instanceof ApiError ? change.error.field("quiet_hours") : undefined;
  const errorId = error === undefined ? undefined : `${id}-error`;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    change.mutate({ quiet_hours: hours });
  };
  return (
    <section className={styles.channel} aria-labelledby={id}>
      <div>
        <h3 id={id}>Quiet hours</h3>
        <p className="soft">
          {saved === null
            ? "There are none."
            : `From ${saved.from} until ${saved.until} only this page tells you; the rest comes afterwards.`}
        </p>
      </div>
      <form ref={form} className={styles.form} onSubmit={submit} onChange={change.reset}>
        <div className={styles.hours}>
          <TimeField
            label="From"
            errorAt={errorId}
            required
            title={`In ${zone}`}
            value={hours.from}
            onChange={(from) => setHours({ ...hours, from })}
          />
          <TimeField
            label="Until"
            errorAt={errorId}
            required
            title={`In ${zone}`}
            value={hours.until}
            onChange={(until) => setHours({ ...hours, until })}
          />
        </div>
        {error !== undefined && (
          <p id={errorId} className={styles.error} role="alert">
            {hours.from === hours.until
              ? `Both are ${hours.from}, so they would last all day or no time at all. Change one of them${saved === null ? "" : ", or have none"}.`
              : error}
          </p>
        )}
        <div className={styles.actions}>
          <button type="submit" className="button" disabled={change.isPending}>
            {change.isPending ? "Saving…" : "Save the quiet hours"}
          </button>
          {saved !== null && (
            <button
              type="button"
              className="button"
              disabled={change.isPending}
              onClick={() => change.mutate({ quiet_hours: null })}
            >
              Have none
            </button>
          )}
        </div>
        {change.isError && error === undefined && (
          <Failure doing="They stay as they are." error={change.error} />
        )}
      </form>
    </section>
  );
}
