import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useIsSignedIn } from "../api/use-session.ts";
import { texts } from "../texts/index.ts";
import { Empty } from "./states.tsx";

/** Shows what belongs to a user; to whoever is not signed in, how to be. */
export function SignedInOnly({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  if (useIsSignedIn()) return children;
  return (
    <div className="card">
      <Empty title={title}>
        <div className="actions">
          <Link to="/sign-in" className="button" data-kind="main">
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
