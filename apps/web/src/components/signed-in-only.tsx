import { Link, useRouterState } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { hasLeft } from "../api/client.ts";
import { useIsSignedIn } from "../api/use-session.ts";
import { texts } from "../texts/index.ts";
import { SignInAgain } from "./sign-in-again.tsx";
import { Empty } from "./states.tsx";

/**
 * Shows what belongs to a user; to whoever is not signed in, how to be. Where a session ends meanwhile, what is shown stays, with all that
 * was typed into it, while somebody signs in again.
 */
export function SignedInOnly({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  const isSignedIn = useIsSignedIn();
  const [wasSignedIn, setWasSignedIn] = useState(isSignedIn);
  if (isSignedIn && !wasSignedIn) setWasSignedIn(true);
  if (!wasSignedIn || (!isSignedIn && hasLeft())) return <Ways title={title} />;
  return (
    <>
      {children}
      {isSignedIn ? null : <SignInAgain onGiveUp={() => setWasSignedIn(false)} />}
    </>
  );
}

function Ways({ title }: { readonly title: string }) {
  const here = useRouterState({ select: ({ location }) => location.href });
  return (
    <div className="card">
      <Empty title={title}>
        <div className="actions">
          <Link to="/sign-in" search={{ next: here }} className="button" data-kind="main">
            {texts.shell.signIn}
          </Link>
          <Link to="/sign-up" className="button">
            {texts.shell.signUp}
          </Link>
        </div>
      </Empty>
    </div>
  );
}
