import type { Tag } from "../../../lib/api/types.ts";
import styles from "./TagChips.module.css";

interface TagChipsProps {
  readonly tags: readonly Tag[];
  readonly chosen: readonly string[];
  readonly onChange: (chosen: readonly string[]) => void;
}

/** The tags in use with how many tasks have them; a task must have all that are chosen. */
export function TagChips({ tags, chosen, onChange }: TagChipsProps) {
  const shown = shownTags(tags, chosen);
  if (shown.length === 0) return null;
  const toggle = (name: string) =>
    onChange(chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name]);
  return (
    <ul className={styles.chips} aria-label="Tags">
      {shown.map(({ name, count }) => (
        <li key={name}>
          <button type="button" aria-pressed={chosen.includes(name)} onClick={() => toggle(name)}>
            <span className={styles.name}>{name}</span>
            <span className={styles.count}>
              {count}
              <span className="unseen">{count === 1 ? " task" : " tasks"}</span>
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}

/** Tags with tasks, and those that are chosen although no task has them any more. */
function shownTags(tags: readonly Tag[], chosen: readonly string[]) {
  const used = tags
    .filter((tag) => tag.task_count > 0 || chosen.includes(tag.name))
    .map((tag) => ({ name: tag.name, count: tag.task_count }));
  const gone = chosen.filter((name) => !used.some((tag) => tag.name === name));
  return [...used, ...gone.map((name) => ({ name, count: 0 }))];
}
