interface ChoiceProps<T extends string> {
  readonly label: string;
  /** What choosing nothing is called; without it, something is always chosen. */
  readonly none?: string;
  readonly names: Readonly<Record<T, string>>;
  readonly values: readonly T[];
  readonly value: T | null;
  readonly onChange: (value: T | null) => void;
}

/** A drop-down of the filter bar. */
export function Choice<T extends string>(props: ChoiceProps<T>) {
  const { label, none, names, values, value, onChange } = props;
  return (
    <select
      aria-label={label}
      data-chosen={none !== undefined && value !== null}
      value={value ?? ""}
      onChange={({ target }) => onChange(values.find((one) => one === target.value) ?? null)}
    >
      {none !== undefined && <option value="">{none}</option>}
      {values.map((one) => (
        <option key={one} value={one}>
          {names[one]}
        </option>
      ))}
    </select>
  );
}
