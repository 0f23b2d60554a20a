import { Field } from "../../../components/Field.tsx";
import { TagInput } from "../../../components/TagInput.tsx";
import { priorities } from "../../../lib/priorities.ts";
import type { FieldsProps } from "./fields.ts";
import { gapNames, onMissedNames, overlapNames } from "./names.ts";
import { Pick } from "./Pick.tsx";
import styles from "./SeriesForm.module.css";

const priorityNames = { High: "High", Medium: "Medium", Low: "Low" } satisfies Record<
  (typeof priorities)[number],
  string
>;

interface MoreFieldsProps extends FieldsProps {
  readonly knownTags: readonly string[];
}

/** What is seldom changed: what each task gets, and what is done where time goes wrong. */
export function MoreFields({ draft, knownTags, errorOf, onChange }: MoreFieldsProps) {
  return (
    <details className={styles.more}>
      <summary>More</summary>
      <div className="stack">
        <Pick
          label="Priority"
          error={errorOf("priority")}
          names={priorityNames}
          value={draft.priority}
          onChange={(priority) => onChange({ priority })}
        />
        <Field label="Tags" error={errorOf("tags")}>
          {(control) => (
            <TagInput
              {...control}
              tags={draft.tags}
              known={knownTags}
              onChange={(tags) => onChange({ tags })}
            />
          )}
        </Field>
        <Pick
          label="If some were missed while Rondo was off"
          names={onMissedNames}
          value={draft.onMissed}
          onChange={(onMissed) => onChange({ onMissed })}
        />
        <Pick
          label="If the last one is still to be done"
          names={overlapNames}
          value={draft.overlap}
          onChange={(overlap) => onChange({ overlap })}
        />
        <Pick
          label="If the clocks skip its time"
          names={gapNames}
          value={draft.gap}
          onChange={(gap) => onChange({ gap })}
        />
      </div>
    </details>
  );
}
