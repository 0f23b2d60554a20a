import { useState, type SubmitEvent } from "react";

import { ConfirmDialog } from "../../../components/ConfirmDialog.tsx";
import { Failure } from "../../../components/Notice.tsx";
import { SettingsCard } from "../../../components/SettingsCard.tsx";
import type { Tag } from "../../../lib/api/types.ts";
import { useDeleteTag, useRenameTag, useTags } from "../api/tags.ts";
import styles from "./TagSettings.module.css";

export function TagSettings() {
  const tags = useTags();
  const [deleting, setDeleting] = useState<Tag | null>(null);
  return (
    <SettingsCard
      title="Tags"
      intro="A tag that is renamed to the name of another becomes one with it."
    >
      {tags.isPending && <p className="soft">Loading the tags…</p>}
      {tags.isError && (
        <Failure
          doing="The tags could not be loaded."
          error={tags.error}
          onRetry={() => void tags.refetch()}
        />
      )}
      {tags.data?.length === 0 && <p className="soft">There are none yet.</p>}
      <ul className={styles.tags} aria-label="Tags">
        {tags.data?.map((tag) => (
          <TagLine key={tag.id} tag={tag} onDelete={() => setDeleting(tag)} />
        ))}
      </ul>
      {deleting && <DeleteTag tag={deleting} onClose={() => setDeleting(null)} />}
    </SettingsCard>
  );
}

function TagLine({ tag, onDelete }: { readonly tag: Tag; readonly onDelete: () => void }) {
  const rename = useRenameTag();
  const [name, setName] = useState(tag.name);
  const isChanged = name.trim().toLowerCase() !== tag.name && name.trim() !== "";
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    rename.mutate({ tag, name }, { onSuccess: (renamed) => setName(renamed.name) });
  };
  return (
    <li>
      <form className={styles.line} onSubmit={submit}>
        <input
          aria-label={`Name of the tag ${tag.name}`}
          maxLength={50}
          value={name}
          onChange={({ target }) => setName(target.value)}
        />
        <span className={styles.count}>{tag.task_count}×</span>
        <button type="submit" className="button" disabled={!isChanged || rename.isPending}>
          {rename.isPending ? "Renaming…" : "Rename"}
        </button>
        <button
          type="button"
          className="button"
          aria-label={`Delete the tag ${tag.name}`}
          onClick={onDelete}
        >
          Delete
        </button>
      </form>
      {rename.isError && <Failure doing="The tag keeps its name." error={rename.error} />}
    </li>
  );
}

function DeleteTag({ tag, onClose }: { readonly tag: Tag; readonly onClose: () => void }) {
  const remove = useDeleteTag();
  return (
    <ConfirmDialog
      title={`Delete the tag “${tag.name}”?`}
      consequence="It is taken off all its tasks; the tasks stay."
      action="Delete"
      isPending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate(tag, { onSuccess: onClose })}
      onClose={onClose}
    />
  );
}
