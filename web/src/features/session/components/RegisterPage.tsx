import { useState, type SubmitEvent } from "react";

import { Field } from "../../../components/Field.tsx";
import { Link } from "../../../components/Link.tsx";
import { Failure } from "../../../components/Notice.tsx";
import { useErrorInSight } from "../../../components/use-error-in-sight.ts";
import { ApiError } from "../../../lib/api/problem.ts";
import { browserZone } from "../../../lib/time/zone.ts";
import { useRegister } from "../api/use-sign-in.ts";
import { EntryCard } from "./EntryCard.tsx";

export function RegisterPage() {
  const register = useRegister();
  const [values, setValues] = useState({ name: "", email: "", password: "" });
  const form = useErrorInSight(register.error);
  const error = register.error instanceof ApiError ? register.error : null;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    register.mutate(values);
  };
  return (
    <EntryCard
      title="Create an account"
      below={
        <>
          Have one? <Link to="/sign-in">Sign in</Link>
        </>
      }
    >
      {register.isError && <Failure doing="The account was not created." error={register.error} />}
      <form ref={form} className="stack" onSubmit={submit}>
        <Field label="Name (if you like)" error={error?.field("name")}>
          {(control) => (
            <input
              {...control}
              autoComplete="name"
              value={values.name}
              onChange={(event) => setValues({ ...values, name: event.target.value })}
            />
          )}
        </Field>
        <Field label="E-mail" error={error?.field("email")}>
          {(control) => (
            <input
              {...control}
              type="email"
              autoComplete="username"
              required
              value={values.email}
              onChange={(event) => setValues({ ...values, email: event.target.value })}
            />
          )}
        </Field>
        <Field label="Password" hint="At least 8 characters." error={error?.field("password")}>
          {(control) => (
            <input
              {...control}
              type="password"
              autoComplete="new-password"
              required
              value={values.password}
              onChange={(event) => setValues({ ...values, password: event.target.value })}
            />
          )}
        </Field>
        <p className="soft">
          Your times will be those of <strong>{browserZone()}</strong>. You can change that later.
        </p>
        <button type="submit" className="button primary" disabled={register.isPending}>
          {register.isPending ? "Creating…" : "Create account"}
        </button>
      </form>
    </EntryCard>
  );
}
