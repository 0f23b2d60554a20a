import { useState, type SubmitEvent } from "react";

import { ConfirmDialog } from "../../../components/ConfirmDialog.tsx";
import { Field } from "../../../components/Field.tsx";
import { Failure } from "../../../components/Notice.tsx";
import { Secret } from "../../../components/Secret.tsx";
import { useErrorInSight } from "../../../components/use-error-in-sight.ts";
import { ApiError } from "../../../lib/api/problem.ts";
import type { NotificationSettings } from "../../../lib/api/types.ts";
import { useRemoveWebhook, useSetWebhook } from "../api/settings.ts";
import { Channel } from "./Channel.tsx";
import styles from "./Channel.module.css";

/** A webhook: a program elsewhere that is told. */
export function WebhookChannel({ settings }: { readonly settings: NotificationSettings }) {
  const { set, turnOn } = useSetWebhook();
  const [isRemoving, setRemoving] = useState(false);
  const isSet = settings.webhook_url !== null;
  return (
    <Channel
      channel="webhook"
      title="Webhook"
      about="Each is posted to your program, signed as Standard Webhooks say."
      settings={settings}
      missing={isSet ? null : "Give the address of a program of yours; it is told of each."}
    >
      <AddressForm
        key={settings.webhook_url}
        saved={settings.webhook_url}
        set={set}
        onRemove={() => setRemoving(true)}
      />
      {set.data && (
        <Secret key={set.data.secret} what="secret" text={set.data.secret}>
          With it, your program checks that what it gets comes from here. Saving an address again
          makes a new one.
        </Secret>
      )}
      {turnOn.isError && !settings.webhook && (
        <Failure
          doing="The address is saved, but the webhook is still off."
          error={turnOn.error}
          onRetry={() => turnOn.mutate({ webhook: true })}
        />
      )}
      {isRemoving && (
        <RemoveWebhook
          onRemoved={() => {
            set.reset();
            turnOn.reset();
            setRemoving(false);
          }}
          onClose={() => setRemoving(false)}
        />
      )}
    </Channel>
  );
}

interface AddressFormProps {
  readonly saved: string | null;
  readonly set: ReturnType<typeof useSetWebhook>["set"];
  readonly onRemove: () => void;
}

function AddressForm({ saved, set, onRemove }: AddressFormProps) {
  const [url, setUrl] = useState(saved ?? "");
  const form = useErrorInSight(set.error);
  const error = set.error instanceof ApiError ? set.error.field("url") : undefined;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    set.mutate(url.trim());
  };
  return (
    <form ref={form} className={styles.form} onSubmit={submit}>
      <Field label="Address" error={error}>
        {(control) => (
          <input
            {...control}
            type="url"
            required
            maxLength={2000}
            placeholder="https://…"
            value={url}
            onChange={({ target }) => setUrl(target.value)}
          />
        )}
      </Field>
      <div className={styles.actions}>
        <button type="submit" className="button" disabled={set.isPending}>
          {set.isPending ? "Saving…" : "Save the address"}
        </button>
        {saved !== null && (
          <button type="button" className="button" onClick={onRemove}>
            Remove
          </button>
        )}
      </div>
      {set.isError && error === undefined && (
        <Failure doing="The address was not saved." error={set.error} />
      )}
    </form>
  );
}

interface RemoveWebhookProps {
  readonly onRemoved: () => void;
  readonly onClose: () => void;
}

function RemoveWebhook({ onRemoved, onClose }: RemoveWebhookProps) {
  const remove = useRemoveWebhook();
  return (
    <ConfirmDialog
      title="Remove the webhook?"
      consequence="Nothing is posted to it any more, and its secret is forgotten."
      action="Remove"
      isPending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate(undefined, { onSuccess: onRemoved })}
      onClose={onClose}
    />
  );
}
