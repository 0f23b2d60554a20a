import { useState, type InputHTMLAttributes } from "react";

import { Field } from "./Field.tsx";

type Limits = Pick<
  InputHTMLAttributes<HTMLInputElement>,
  "required" | "disabled" | "min" | "max" | "title"
>;

interface CivilFieldProps extends Limits {
  readonly label: string;
  readonly error?: string | undefined;
  readonly errorAt?: string | undefined;
  /** As the browser has it: `2026-11-21`, `09:30`, or empty. */
  readonly value: string;
  /**
   * Told of each whole value, and of none where that is allowed. A required field keeps to itself what is half typed, such as the
   * 31st of February on the way to another day: the form can't be sent meanwhile.
   */
  readonly onChange: (value: string) => void;
}

/** A day of the calendar. */
export function DateField(props: CivilFieldProps) {
  return <CivilField type="date" {...props} />;
}

/** A time of the day. */
export function TimeField(props: CivilFieldProps) {
  return <CivilField type="time" {...props} />;
}

function CivilField({
  type,
  label,
  error,
  errorAt,
  value,
  onChange,
  ...input
}: CivilFieldProps & { readonly type: "date" | "time" }) {
  const [replaced, setReplaced] = useState<string | null>(null);
  const take = (typed: string) => {
    const isHalf = typed === "" && input.required === true;
    setReplaced(isHalf ? value : null);
    if (!isHalf) onChange(typed);
  };
  return (
    <Field label={label} error={error} errorAt={errorAt}>
      {(control) => (
        <input
          {...control}
          {...input}
          type={type}
          value={value === replaced ? "" : value}
          onChange={({ target }) => take(target.value)}
        />
      )}
    </Field>
  );
}
