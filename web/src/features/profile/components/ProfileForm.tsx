import { useState, type SubmitEvent } from "react";

import { Field } from "../../../components/Field.tsx";
import { Failure, Notice } from "../../../components/Notice.tsx";
import { SettingsCard } from "../../../components/SettingsCard.tsx";
import { useErrorInSight } from "../../../components/use-error-in-sight.ts";
import { ApiError } from "../../../lib/api/problem.ts";
import type { User } from "../../../lib/api/types.ts";
import { zonesWith } from "../../../lib/time/zone.ts";
import { useSaveProfile } from "../api/profile.ts";

export function ProfileForm({ user }: { readonly user: User }) {
  const save = useSaveProfile();
  const [name, setName] = useState(user.name ?? "");
  const [timezone, setTimezone] = useState(user.timezone);
  const form = useErrorInSight(save.error);
  const error = save.error instanceof ApiError ? save.error : null;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    save.mutate({ name, timezone });
  };
  return (
    <SettingsCard title="Profile" intro={user.email}>
      <form ref={form} className="stack" onSubmit={submit} onChange={save.reset}>
        <Field label="Name" error={error?.field("name")}>
          {(control) => (
            <input
              {...control}
              autoComplete="name"
              value={name}
              onChange={({ target }) => setName(target.value)}
            />
          )}
        </Field>
        <Field
          label="Time zone"
          hint="Due times are shown and typed in this zone."
          error={error?.field("timezone")}
        >
          {(control) => (
            <select
              {...control}
              value={timezone}
              onChange={({ target }) => setTimezone(target.value)}
            >
              {zonesWith(user.timezone).map((zone) => (
                <option key={zone}>{zone}</option>
              ))}
            </select>
          )}
        </Field>
        {save.isError && <Failure doing="The profile was not saved." error={save.error} />}
        {save.isSuccess && <Notice kind="good">Saved.</Notice>}
        <div className="actions">
          <button type="submit" className="button primary" disabled={save.isPending}>
            {save.isPending ? "Saving…" : "Save the profile"}
          </button>
        </div>
      </form>
    </SettingsCard>
  );
}
