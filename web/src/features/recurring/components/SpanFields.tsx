import { DateField, TimeField } from "../../../components/CivilFields.tsx";
import { Field } from "../../../components/Field.tsx";
import { zonesWith } from "../../../lib/time/zone.ts";
import { saysItsEnd } from "../api/draft.ts";
import type { FieldsProps } from "./fields.ts";
import { endNames } from "./names.ts";
import { Pick } from "./Pick.tsx";
import styles from "./SeriesForm.module.css";

/** From when on, on which clocks, and until when. */
export function SpanFields(props: FieldsProps) {
  const { draft, errorOf, onChange } = props;
  return (
    <>
      <div className={styles.span}>
        <DateField
          label="Starts on"
          error={errorOf("starts_at")}
          required
          min="1900-01-01"
          max="2999-12-31"
          value={draft.date}
          onChange={(date) => onChange({ date })}
        />
        <TimeField label="At" required value={draft.time} onChange={(time) => onChange({ time })} />
        <Field label="On the clocks of" error={errorOf("timezone_iana")}>
          {(control) => (
            <select
              {...control}
              value={draft.zone}
              onChange={({ target }) => onChange({ zone: target.value })}
            >
              {zonesWith(draft.zone).map((zone) => (
                <option key={zone}>{zone}</option>
              ))}
            </select>
          )}
        </Field>
      </div>
      {saysItsEnd(draft) ? (
        <p className="soft">The rule says itself when it ends.</p>
      ) : (
        <EndFields {...props} />
      )}
    </>
  );
}

function EndFields({ draft, errorOf, onChange }: FieldsProps) {
  return (
    <div className={styles.end}>
      <Pick
        label="Ends"
        error={errorOf("recurrence_end_type")}
        names={endNames}
        value={draft.end}
        onChange={(end) => onChange({ end })}
      />
      {draft.end === "count" && (
        <Field label="Times" error={errorOf("recurrence_max_count")}>
          {(control) => (
            <input
              {...control}
              type="number"
              required
              min={1}
              max={2_147_483_647}
              value={draft.count}
              onChange={({ target }) => onChange({ count: target.value })}
            />
          )}
        </Field>
      )}
      {draft.end === "until" && (
        <DateField
          label="Last day"
          error={errorOf("recurrence_end_date")}
          required
          max="9998-12-31"
          value={draft.until}
          onChange={(until) => onChange({ until })}
        />
      )}
    </div>
  );
}
