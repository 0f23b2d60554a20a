import { QueryClientProvider } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";

import { Toasts } from "../components/Toasts.tsx";
import { RegisterPage } from "../features/session/components/RegisterPage.tsx";
import { SignInPage } from "../features/session/components/SignInPage.tsx";
import { useAddress } from "../lib/location.ts";
import { useSession } from "../lib/session/use-session.ts";
import { Inside } from "./Inside.tsx";
import { newQueryClient } from "./queries.ts";

export function App() {
  const session = useSession();
  const userId = session.state === "signed-in" ? session.userId : null;
  return (
    <>
      {/* Another person gets another cache: nothing of one is ever shown to the other. */}
      <Person key={userId} isSignedIn={userId !== null}>
        {session.state === "signed-out" && <Outside ended={session.because === "ended"} />}
      </Person>
    </>
  );
}

interface PersonProps {
  readonly isSignedIn: boolean;
  readonly children: ReactNode;
}

function Person({ isSignedIn, children }: PersonProps) {
  const [queries] = useState(newQueryClient);
  return (
    <QueryClientProvider client={queries}>
      {isSignedIn ? (
        <>
          <Inside />
          <Toasts />
        </>
      ) : (
        children
      )}
    </QueryClientProvider>
  );
}

function Outside({ ended }: { readonly ended: boolean }) {
  const address = useAddress();
  return address.pathname === "/register" ? <RegisterPage /> : <SignInPage ended={ended} />;
}
