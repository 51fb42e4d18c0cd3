import { useMutation } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { leave, queries } from "../api/client.ts";
import { useIsSignedIn } from "../api/use-session.ts";
import { texts } from "../texts/index.ts";
import { OwnerSelect } from "./owner-select.tsx";

const { shell } = texts;

/** Ways in for whoever is not signed in; settings and the way out for whoever is. */
export function AccountMenu() {
  const isSignedIn = useIsSignedIn();
  const navigate = useNavigate();
  const signOut = useMutation({
    ...queries.auth.logout.mutationOptions(),
    onMutate: () => navigate({ to: "/" }),
    // Signed out here also where the server could not be told.
    onSettled: leave,
  });
  if (!isSignedIn) {
    return (
      <>
        <Link to="/sign-in" className="button" data-kind="quiet" data-size="small">
          {shell.signIn}
        </Link>
        <Link to="/sign-up" className="button" data-kind="main" data-size="small">
          {shell.signUp}
        </Link>
      </>
    );
  }
  return (
    <>
      <OwnerSelect />
      <Link to="/settings" className="button" data-kind="quiet" data-size="small">
        {shell.settings}
      </Link>
      <button
        type="button"
        className="button"
        data-size="small"
        disabled={signOut.isPending}
        onClick={() => signOut.mutate(undefined)}
      >
        {shell.signOut}
      </button>
    </>
  );
}
