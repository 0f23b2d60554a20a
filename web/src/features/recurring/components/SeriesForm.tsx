import type { SubmitEvent } from "react";

import { Field } from "../../../components/Field.tsx";
import { Failure } from "../../../components/Notice.tsx";
import { useErrorInSight } from "../../../components/use-error-in-sight.ts";
import { ApiError } from "../../../lib/api/problem.ts";
import type { RecurringTask } from "../../../lib/api/types.ts";
import type { SeriesDraft } from "../api/draft.ts";
import { MoreFields } from "./MoreFields.tsx";
import { Preview } from "./Preview.tsx";
import { ReminderField } from "./ReminderField.tsx";
import { RuleFields } from "./RuleFields.tsx";
import { SpanFields } from "./SpanFields.tsx";

interface SeriesFormProps {
  readonly draft: SeriesDraft;
  /** The series that is edited; `null` for a new one. */
  readonly series: RecurringTask | null;
  readonly knownTags: readonly string[];
  readonly isPending: boolean;
  readonly error: Error | null;
  readonly onChange: (change: Partial<SeriesDraft>) => void;
  readonly onSubmit: () => void;
  readonly onClose: () => void;
}

/** All of a recurring task, with what it will do. */
export function SeriesForm({ draft, series, knownTags, error, ...does }: SeriesFormProps) {
  const form = useErrorInSight(error);
  const errorOf = (field: string) => (error instanceof ApiError ? error.field(field) : undefined);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    does.onSubmit();
  };
  const fields = { draft, errorOf, onChange: does.onChange };
  const verb = series === null ? "Add" : "Save";
  return (
    <form ref={form} className="stack" onSubmit={submit}>
      <Field label="Title" error={errorOf("title")}>
        {(control) => (
          <input
            {...control}
            required
            placeholder="What is to be done each time?"
            value={draft.title}
            onChange={({ target }) => does.onChange({ title: target.value })}
          />
        )}
      </Field>
      <RuleFields {...fields} />
      <SpanFields {...fields} />
      <Preview draft={draft} series={series} />
      <ReminderField {...fields} />
      <MoreFields {...fields} knownTags={knownTags} />
      {error !== null && <Failure doing="It was not saved." error={error} />}
      <div className="actions">
        <button type="button" className="button" onClick={does.onClose}>
          Cancel
        </button>
        <button type="submit" className="button primary" disabled={does.isPending}>
          {does.isPending ? "Saving…" : verb}
        </button>
      </div>
    </form>
  );
}
