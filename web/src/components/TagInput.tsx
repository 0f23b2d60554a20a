import { useId, useState, type KeyboardEvent } from "react";

import { tidyTag } from "../lib/tag.ts";
import { Icon } from "./Icon.tsx";
import styles from "./TagInput.module.css";

const most = 20;

interface TagInputProps {
  readonly id: string;
  readonly "aria-describedby"?: string | undefined;
  readonly "aria-invalid"?: boolean | undefined;
  readonly tags: readonly string[];
  readonly known: readonly string[];
  readonly onChange: (tags: readonly string[]) => void;
}

/** Tags as chips; Enter, a comma or leaving the box adds what is typed, Backspace in an empty box takes one back. */
export function TagInput({ id, tags, known, onChange, ...description }: TagInputProps) {
  const [text, setText] = useState("");
  const listId = useId();
  const add = (typed: string) => {
    const added = typed.split(",").flatMap((part) => tidyTag(part) ?? []);
    onChange([...new Set([...tags, ...added])].slice(0, most));
    setText("");
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && text.trim() !== "") {
      event.preventDefault();
      add(text);
    }
    if (event.key === "Backspace" && text === "") onChange(tags.slice(0, -1));
  };
  return (
    <div className={styles.box}>
      {tags.map((tag) => (
        <Chip
          key={tag}
          tag={tag}
          onRemove={() => onChange(tags.filter((other) => other !== tag))}
        />
      ))}
      <input
        id={id}
        {...description}
        className={styles.input}
        list={listId}
        maxLength={50}
        autoComplete="off"
        placeholder={tags.length === 0 ? "home, work…" : ""}
        value={text}
        onChange={({ target }) =>
          target.value.includes(",") ? add(target.value) : setText(target.value)
        }
        onKeyDown={onKeyDown}
        onBlur={() => text.trim() !== "" && add(text)}
      />
      <datalist id={listId}>
        {known
          .filter((tag) => !tags.includes(tag))
          .map((tag) => (
            <option key={tag} value={tag} />
          ))}
      </datalist>
    </div>
  );
}

function Chip({ tag, onRemove }: { readonly tag: string; readonly onRemove: () => void }) {
  return (
    <span className={styles.chip}>
      {tag}
      <button type="button" aria-label={`Remove the tag ${tag}`} onClick={onRemove}>
        <Icon name="close" />
      </button>
    </span>
  );
}
