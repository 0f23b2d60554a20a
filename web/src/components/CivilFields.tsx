import type { InputHTMLAttributes } from "react";

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
  onChange,
  ...input
}: CivilFieldProps & { readonly type: "date" | "time" }) {
  return (
    <Field label={label} error={error} errorAt={errorAt}>
      {(control) => (
        <input
          {...control}
          {...input}
          type={type}
          onChange={({ target }) => onChange(target.value)}
        />
      )}
    </Field>
  );
}
