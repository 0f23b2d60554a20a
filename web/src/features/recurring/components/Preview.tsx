import { useMemo } from "react";

import { Icon } from "../../../components/Icon.tsx";
import { Failure } from "../../../components/Notice.tsx";
import type { RecurringTask } from "../../../lib/api/types.ts";
import { dateOf, type Answer, type Outlook } from "../../../lib/recurrence/engine.ts";
import { useNow } from "../../../lib/time/use-now.ts";
import { dueWords, weekdayWords } from "../../../lib/time/words.ts";
import { useZone } from "../../../lib/time/zone-context.ts";
import { engineSeriesOf, type SeriesDraft } from "../api/draft.ts";
import { useEngine } from "../api/use-engine.ts";
import styles from "./Preview.module.css";

const shown = 5;

interface PreviewProps {
  readonly draft: SeriesDraft;
  /** The series that is edited. */
  readonly series: RecurringTask | null;
}

/** The rule in words and when it occurs next, worked out here by the engine of the service. */
export function Preview({ draft, series }: PreviewProps) {
  const engine = useEngine();
  const now = useNow();
  const answer = useMemo(
    () => engine.data?.preview(engineSeriesOf(draft, series), now, shown),
    [engine.data, draft, series, now],
  );
  if (engine.isError) {
    return (
      <Failure
        doing="There is no preview at the moment; you can save all the same."
        error={engine.error}
        onRetry={() => void engine.refetch()}
      />
    );
  }
  return (
    <section className={styles.preview} aria-label="Preview" aria-live="polite">
      {answer === undefined ? (
        <p className="soft">Working out the next times…</p>
      ) : (
        <Answered answer={answer} now={now} zone={draft.zone} />
      )}
    </section>
  );
}

interface AnsweredProps {
  readonly answer: Answer<Outlook>;
  readonly now: Date;
  readonly zone: string;
}

function Answered({ answer, now, zone }: AnsweredProps) {
  const own = useZone();
  if (!answer.ok) {
    return (
      <p className={styles.fault}>
        <Icon name="warn" />
        {answer.fault.message}
      </p>
    );
  }
  const { summary, occurrences } = answer.value;
  const notes = occurrences.flatMap(({ note }) => note ?? []);
  return (
    <>
      <p className={styles.summary}>
        <Icon name="repeat" />
        {summary}
      </p>
      {zone !== own && (
        <p className="soft">
          By the clocks of {zone}, where it is {weekdayWords(now, zone)}.
        </p>
      )}
      {occurrences.length === 0 ? (
        <p className={styles.fault}>
          <Icon name="warn" />
          All of its times are over: choose a later end or start.
        </p>
      ) : (
        <ol aria-label="Next times" className={styles.times}>
          {occurrences.map(({ at }) => (
            <li key={at.toString()}>
              <time dateTime={dateOf(at).toISOString()}>{dueWords(dateOf(at), now, zone)}</time>
            </li>
          ))}
        </ol>
      )}
      {notes.map((note) => (
        <p key={note} className={styles.note}>
          {note}.
        </p>
      ))}
    </>
  );
}
