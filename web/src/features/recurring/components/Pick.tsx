import { Field } from "../../../components/Field.tsx";

interface PickProps<T extends string> {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly error?: string | undefined;
  /** What can be picked, with what it is called, in order. */
  readonly names: Readonly<Record<T, string>>;
  readonly value: T;
  readonly onChange: (value: T) => void;
}

/** A labelled drop-down of which one is always picked. */
export function Pick<T extends string>({ names, value, onChange, ...field }: PickProps<T>) {
  const values = Object.keys(names) as T[];
  return (
    <Field {...field}>
      {(control) => (
        <select
          {...control}
          value={value}
          onChange={({ target }) => {
            const picked = values.find((one) => one === target.value);
            if (picked !== undefined) onChange(picked);
          }}
        >
          {values.map((one) => (
            <option key={one} value={one}>
              {names[one]}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
