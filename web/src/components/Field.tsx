import { useId, type ReactNode } from "react";

import styles from "./Field.module.css";

interface ControlProps {
  readonly id: string;
  readonly "aria-invalid": boolean | undefined;
  readonly "aria-describedby": string | undefined;
}

interface FieldProps {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly error?: string | undefined;
  /** The id of what says what is wrong, where that is said once for several fields. */
  readonly errorAt?: string | undefined;
  readonly children: (control: ControlProps) => ReactNode;
}

/** A label, a control, and what is to be said of it. */
export function Field({ label, hint, error, errorAt, children }: FieldProps) {
  const id = useId();
  const note = error ?? hint;
  const isWrong = error !== undefined || errorAt !== undefined;
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      {children({
        id,
        "aria-invalid": isWrong || undefined,
        "aria-describedby": errorAt ?? (note === undefined ? undefined : `${id}-note`),
      })}
      {error === undefined && hint !== undefined && (
        <p id={`${id}-note`} className={styles.hint}>
          {hint}
        </p>
      )}
      {error !== undefined && (
        <p id={`${id}-note`} className={styles.error} role="alert">
          {error}
        </p>
      )}
    </div>
  );
}
