import { useState, type SubmitEvent } from "react";

import { ConfirmDialog } from "../../../components/ConfirmDialog.tsx";
import { Failure } from "../../../components/Notice.tsx";
import { Secret } from "../../../components/Secret.tsx";
import { SettingsCard } from "../../../components/SettingsCard.tsx";
import type { ApiToken } from "../../../lib/api/types.ts";
import { timeWords } from "../../../lib/time/words.ts";
import { useZone } from "../../../lib/time/zone-context.ts";
import { useCreateToken, useDeleteToken, useTokens } from "../api/tokens.ts";
import styles from "./TokenSettings.module.css";

export function TokenSettings() {
  const tokens = useTokens();
  const [deleting, setDeleting] = useState<ApiToken | null>(null);
  return (
    <SettingsCard title="API tokens" intro="With a token, another program can do what you can do.">
      <CreateToken />
      {tokens.isPending && <p className="soft">Loading the tokens…</p>}
      {tokens.isError && (
        <Failure
          doing="The tokens could not be loaded."
          error={tokens.error}
          onRetry={() => void tokens.refetch()}
        />
      )}
      {tokens.data?.length === 0 && <p className="soft">There are none yet.</p>}
      <ul className={styles.tokens} aria-label="API tokens">
        {tokens.data?.map((token) => (
          <TokenLine key={token.id} token={token} onDelete={() => setDeleting(token)} />
        ))}
      </ul>
      {deleting && <DeleteToken token={deleting} onClose={() => setDeleting(null)} />}
    </SettingsCard>
  );
}

function CreateToken() {
  const create = useCreateToken();
  const [name, setName] = useState("");
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    create.mutate(name.trim(), { onSuccess: () => setName("") });
  };
  return (
    <>
      <form className={styles.line} onSubmit={submit}>
        <input
          aria-label="What the new token is for"
          placeholder="What is it for? Backup script…"
          required
          maxLength={100}
          value={name}
          onChange={({ target }) => setName(target.value)}
        />
        <button type="submit" className="button primary" disabled={create.isPending}>
          {create.isPending ? "Creating…" : "Create a token"}
        </button>
      </form>
      {create.isError && <Failure doing="No token was created." error={create.error} />}
      {create.data && <Secret key={create.data.id} what="token" text={create.data.token} />}
    </>
  );
}

function TokenLine({
  token,
  onDelete,
}: {
  readonly token: ApiToken;
  readonly onDelete: () => void;
}) {
  const zone = useZone();
  const words = (time: string) => timeWords(new Date(time), zone);
  return (
    <li className={styles.line}>
      <div className={styles.name}>
        <strong>{token.name}</strong>
        <p className="soft">
          Created {words(token.created_at)},{" "}
          {token.last_used_at === null ? "never used" : `last used ${words(token.last_used_at)}`}
        </p>
      </div>
      <button
        type="button"
        className="button"
        aria-label={`Delete the token ${token.name}`}
        onClick={onDelete}
      >
        Delete
      </button>
    </li>
  );
}

function DeleteToken({
  token,
  onClose,
}: {
  readonly token: ApiToken;
  readonly onClose: () => void;
}) {
  const remove = useDeleteToken();
  return (
    <ConfirmDialog
      title={`Delete the token “${token.name}”?`}
      consequence="Programs that use it are locked out at once."
      action="Delete"
      isPending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate(token.id, { onSuccess: onClose })}
      onClose={onClose}
    />
  );
}
