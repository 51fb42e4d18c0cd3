import { isObsqraError } from "@obsqra/client";
import { createServerClient } from "../lib/session";
import { signIn, signOut } from "./actions";
import { Transactions } from "./transactions";

/** A server component: it reads what the page shows first. */
export default async function Page() {
  const obsqra = await createServerClient();
  const me = await obsqra.auth.me.query().catch((error: unknown) => {
    const isSignedOut =
      isObsqraError(error, "UNAUTHENTICATED") ||
      isObsqraError(error, "TOKEN_INVALID") ||
      isObsqraError(error, "SESSION_READ_ONLY");
    if (!isSignedOut) throw error;
  });
  if (me === undefined) {
    return (
      <form action={signIn}>
        <input name="email" type="email" aria-label="Email" required />
        <input name="password" type="password" aria-label="Password" required />
        <button type="submit">Sign in</button>
      </form>
    );
  }
  return (
    <main>
      <p>Signed in as {me.email}</p>
      <Transactions />
      <form action={signOut}>
        <button type="submit">Sign out</button>
      </form>
    </main>
  );
}
