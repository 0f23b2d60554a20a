import { DateField, TimeField } from "../../../components/CivilFields.tsx";
import { Field } from "../../../components/Field.tsx";
import { TagInput } from "../../../components/TagInput.tsx";
import { priorities } from "../../../lib/priorities.ts";
import { useZone } from "../../../lib/time/zone-context.ts";
import type { TaskDraft } from "../api/draft.ts";
import styles from "./TaskFields.module.css";

interface TaskFieldsProps {
  readonly draft: TaskDraft;
  readonly knownTags: readonly string[];
  readonly errorOf: (field: string) => string | undefined;
  readonly onChange: (change: Partial<TaskDraft>) => void;
}

/** Priority, due time and tags: what the add form and the edit dialog have in common besides the title. */
export function TaskFields({ draft, knownTags, errorOf, onChange }: TaskFieldsProps) {
  return (
    <div className={styles.fields}>
      <Field label="Priority" error={errorOf("priority")}>
        {(control) => (
          <select
            {...control}
            value={draft.priority}
            onChange={({ target }) => {
              const priority = priorities.find((name) => name === target.value);
              if (priority !== undefined) onChange({ priority });
            }}
          >
            {priorities.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        )}
      </Field>
      <DueFields draft={draft} errorOf={errorOf} onChange={onChange} />
      <div className={styles.wide}>
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
      </div>
    </div>
  );
}

function DueFields({ draft, errorOf, onChange }: Omit<TaskFieldsProps, "knownTags">) {
  const zone = useZone();
  return (
    <>
      <DateField
        label="Due"
        error={errorOf("due_at")}
        max="9999-12-31"
        value={draft.date}
        onChange={(date) => onChange({ date })}
      />
      <TimeField
        label="At"
        title={`In ${zone}; empty means by the end of the day`}
        disabled={draft.date === ""}
        value={draft.time}
        onChange={(time) => onChange({ time })}
      />
    </>
  );
}
