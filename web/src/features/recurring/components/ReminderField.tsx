import { Field } from "../../../components/Field.tsx";
import { usualReminderMinutes } from "../../../lib/reminder-minutes.ts";
import { beforeWords } from "../../../lib/time/words.ts";
import type { FieldsProps } from "./fields.ts";

/** Whether, and how long before, somebody is reminded of each one. */
export function ReminderField({ draft, errorOf, onChange }: FieldsProps) {
  const minutes = draft.reminderMinutes;
  const all = [...usualReminderMinutes, ...(minutes === null ? [] : [minutes])];
  const offered = [...new Set(all)].sort((a, b) => a - b);
  return (
    <Field label="Remind me of each" error={errorOf("reminder_minutes_before")}>
      {(control) => (
        <select
          {...control}
          value={minutes ?? ""}
          onChange={({ target }) =>
            onChange({ reminderMinutes: target.value === "" ? null : Number(target.value) })
          }
        >
          <option value="">Not at all</option>
          {offered.map((one) => (
            <option key={one} value={one}>
              {one === 0 ? "At its time" : beforeWords(one)}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
