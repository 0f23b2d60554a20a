import { useState, type ReactNode } from "react";

import { Icon } from "../../../components/Icon.tsx";
import { LoadMore } from "../../../components/LoadMore.tsx";
import { Failure } from "../../../components/Notice.tsx";
import type { TaskInstance } from "../../../lib/api/types.ts";
import { dueWords, timeWords } from "../../../lib/time/words.ts";
import { useZone } from "../../../lib/time/zone-context.ts";
import { useInstances, useSettle } from "../api/instances.ts";
import styles from "./Instances.module.css";
import { instanceStatusNames } from "./names.ts";

/** Shows the reminders of one time of the series whose template is `taskId`. */
export type RemindersOf = (instance: TaskInstance, taskId: string) => ReactNode;

interface InstancesProps {
  readonly taskId: string;
  readonly title: string;
  readonly now: Date;
  readonly remindersOf: RemindersOf;
}

/** What a series has made, the latest first. */
export function Instances({ taskId, title, now, remindersOf }: InstancesProps) {
  const query = useInstances(taskId);
  if (query.isError && query.data === undefined) {
    return (
      <Failure
        doing="Its times could not be loaded."
        error={query.error}
        onRetry={() => void query.refetch()}
      />
    );
  }
  if (query.data === undefined) {
    return (
      <p className="soft" role="status">
        Loading its times…
      </p>
    );
  }
  if (query.data.length === 0) {
    return <p className="soft">It has not come round yet.</p>;
  }
  return (
    <>
      <ul className={styles.list} aria-label={`Times of ${title}`}>
        {query.data.map((instance) => (
          <InstanceRow
            key={instance.id}
            taskId={taskId}
            instance={instance}
            now={now}
            remindersOf={remindersOf}
          />
        ))}
      </ul>
      <LoadMore query={query} label="Earlier ones" />
    </>
  );
}

interface InstanceRowProps {
  readonly taskId: string;
  readonly instance: TaskInstance;
  readonly now: Date;
  readonly remindersOf: RemindersOf;
}

function InstanceRow({ taskId, instance, now, remindersOf }: InstanceRowProps) {
  const [isReminding, setReminding] = useState(false);
  const zone = useZone();
  const settle = useSettle(taskId);
  const at = new Date(instance.scheduled_for);
  const when = dueWords(at, now, zone);
  return (
    <li className={styles.row} data-status={instance.status}>
      <time dateTime={instance.scheduled_for} title={`${timeWords(at, zone)}, ${zone}`}>
        {when}
      </time>
      <span className={styles.status}>
        {settle.isPending ? "Saving…" : instanceStatusNames[instance.status]}
      </span>
      {instance.status === "pending" && (
        <span className={styles.actions}>
          <button
            type="button"
            className="button"
            aria-label={`Complete the one of ${when}`}
            disabled={settle.isPending}
            onClick={() => settle.mutate({ instance, how: "complete" })}
          >
            <Icon name="check" />
            Done
          </button>
          <button
            type="button"
            className="button quiet"
            aria-label={`Skip the one of ${when}`}
            disabled={settle.isPending}
            onClick={() => settle.mutate({ instance, how: "skip" })}
          >
            <Icon name="skip" />
            Skip
          </button>
          <button
            type="button"
            className="button quiet square"
            aria-label={`Reminders of the one of ${when}`}
            title="Reminders"
            aria-expanded={isReminding}
            onClick={() => setReminding(!isReminding)}
          >
            <Icon name="bell" />
          </button>
        </span>
      )}
      {isReminding && instance.status === "pending" && (
        <div className={styles.reminders}>{remindersOf(instance, taskId)}</div>
      )}
    </li>
  );
}
