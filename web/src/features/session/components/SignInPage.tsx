import { useState, type SubmitEvent } from "react";

import { Field } from "../../../components/Field.tsx";
import { Link } from "../../../components/Link.tsx";
import { Failure, Notice } from "../../../components/Notice.tsx";
import { useLogin } from "../api/use-sign-in.ts";
import { EntryCard } from "./EntryCard.tsx";

/** Signing in; `ended` says why one has to do it again. */
export function SignInPage({ ended }: { readonly ended: boolean }) {
  const login = useLogin();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    login.mutate({ email, password });
  };
  return (
    <EntryCard
      title="Sign in"
      below={
        <>
          New here? <Link to="/register">Create an account</Link>
        </>
      }
    >
      {ended && !login.isError && (
        <Notice kind="info">Your session has ended. Sign in again to go on.</Notice>
      )}
      {login.isError && <Failure doing="You are not signed in." error={login.error} />}
      <form className="stack" onSubmit={submit}>
        <Field label="E-mail">
          {(control) => (
            <input
              {...control}
              type="email"
              autoComplete="username"
              required
              value={email}
              onChange={(event) => setEmail(event.target.value)}
            />
          )}
        </Field>
        <Field label="Password">
          {(control) => (
            <input
              {...control}
              type="password"
              autoComplete="current-password"
              required
              value={password}
              onChange={(event) => setPassword(event.target.value)}
            />
          )}
        </Field>
        <button type="submit" className="button primary" disabled={login.isPending}>
          {login.isPending ? "Signing in…" : "Sign in"}
        </button>
      </form>
    </EntryCard>
  );
}
