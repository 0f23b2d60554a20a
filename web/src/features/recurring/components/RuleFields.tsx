import { Field } from "../../../components/Field.tsx";
import { presets, units, weekdays, type Preset, type Weekday } from "../api/pattern.ts";
import type { FieldsProps } from "./fields.ts";
import { presetName, weekdayNames } from "./names.ts";
import { Pick } from "./Pick.tsx";
import styles from "./SeriesForm.module.css";

/** How often: a preset and what it leaves open, or a rule as text. */
export function RuleFields({ draft, errorOf, onChange }: FieldsProps) {
  const names = Object.fromEntries(
    presets.map((preset) => [preset, presetName(preset, draft.date)]),
  ) as Record<Preset, string>;
  const unit = units[draft.preset];
  return (
    <>
      <div className={unit === undefined ? undefined : styles.often}>
        <Pick
          label="Repeats"
          error={draft.preset === "custom" ? undefined : errorOf("rrule")}
          names={names}
          value={draft.preset}
          onChange={(preset) => onChange({ preset })}
        />
        {unit !== undefined && (
          <Field label={`Every … ${unit}`}>
            {(control) => (
              <input
                {...control}
                type="number"
                min={1}
                max={999}
                required
                value={draft.interval}
                onChange={({ target }) => onChange({ interval: target.value })}
              />
            )}
          </Field>
        )}
      </div>
      {draft.preset === "weekly" && (
        <WeekdayFields
          chosen={draft.weekdays}
          onChange={(chosen) => onChange({ weekdays: chosen })}
        />
      )}
      {draft.preset === "custom" && (
        <Field
          label="Rule"
          hint="As RFC 5545 writes it: FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"
          error={errorOf("rrule")}
        >
          {(control) => (
            <input
              {...control}
              className={styles.code}
              required
              maxLength={512}
              autoComplete="off"
              autoCapitalize="characters"
              spellCheck={false}
              value={draft.custom}
              onChange={({ target }) => onChange({ custom: target.value })}
            />
          )}
        </Field>
      )}
    </>
  );
}

interface WeekdayFieldsProps {
  readonly chosen: readonly Weekday[];
  readonly onChange: (chosen: readonly Weekday[]) => void;
}

function WeekdayFields({ chosen, onChange }: WeekdayFieldsProps) {
  const set = (day: Weekday, isOn: boolean) =>
    onChange(isOn ? [...chosen, day] : chosen.filter((other) => other !== day));
  return (
    <fieldset className={styles.weekdays}>
      <legend>On</legend>
      <div>
        {weekdays.map((day) => (
          <label key={day}>
            <input
              type="checkbox"
              aria-label={weekdayNames[day]}
              checked={chosen.includes(day)}
              onChange={({ target }) => set(day, target.checked)}
            />
            <span aria-hidden="true">{weekdayNames[day].slice(0, 2)}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
