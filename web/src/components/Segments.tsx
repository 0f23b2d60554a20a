import styles from "./Segments.module.css";

interface SegmentsProps<T extends string> {
  readonly label: string;
  /** What can be picked, in order. */
  readonly values: readonly T[];
  readonly names: Readonly<Record<T, string>>;
  readonly value: T;
  readonly onChange: (value: T) => void;
}

/** A few buttons side by side, of which one is always pressed. */
export function Segments<T extends string>({
  label,
  values,
  names,
  value,
  onChange,
}: SegmentsProps<T>) {
  return (
    <div className={styles.segments} role="group" aria-label={label}>
      {values.map((one) => (
        <button key={one} type="button" aria-pressed={one === value} onClick={() => onChange(one)}>
          {names[one]}
        </button>
      ))}
    </div>
  );
}
