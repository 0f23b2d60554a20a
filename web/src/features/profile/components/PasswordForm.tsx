import { useState, type SubmitEvent } from "react";

import { Field } from "../../../components/Field.tsx";
import { Failure, Notice } from "../../../components/Notice.tsx";
import { SettingsCard } from "../../../components/SettingsCard.tsx";
import { useErrorInSight } from "../../../components/use-error-in-sight.ts";
import { ApiError } from "../../../lib/api/problem.ts";
import { useChangePassword } from "../api/profile.ts";

export function PasswordForm({ email }: { readonly email: string }) {
  const change = useChangePassword();
  const [current, setCurrent] = useState("");
  const [wanted, setWanted] = useState("");
  const form = useErrorInSight(change.error);
  const error = change.error instanceof ApiError ? change.error : null;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const clear = () => {
      setCurrent("");
      setWanted("");
    };
    change.mutate({ current, wanted }, { onSuccess: clear });
  };
  return (
    <SettingsCard title="Password">
      <form ref={form} className="stack" onSubmit={submit} onChange={change.reset}>
        <input type="hidden" autoComplete="username" value={email} />
        <Field label="Current password" error={error?.field("current_password")}>
          {(control) => (
            <input
              {...control}
              type="password"
              autoComplete="current-password"
              required
              value={current}
              onChange={({ target }) => setCurrent(target.value)}
            />
          )}
        </Field>
        <Field label="New password" hint="At least 8 characters." error={error?.field("password")}>
          {(control) => (
            <input
              {...control}
              type="password"
              autoComplete="new-password"
              required
              value={wanted}
              onChange={({ target }) => setWanted(target.value)}
            />
          )}
        </Field>
        {change.isError && <Failure doing="The password stays as it was." error={change.error} />}
        {change.isSuccess && <Notice kind="good">The new password holds from now on.</Notice>}
        <div className="actions">
          <button type="submit" className="button primary" disabled={change.isPending}>
            {change.isPending ? "Changing…" : "Change the password"}
          </button>
        </div>
      </form>
    </SettingsCard>
  );
}
