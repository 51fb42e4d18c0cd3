import type { Identity, Tokens } from "@obsqra/contract";
import type { createCaller } from "../root.ts";
import type { TestApi } from "./create-test-api.ts";
import { answerOf, type TestIdentity } from "./test-identity-provider.ts";

type Caller = ReturnType<typeof createCaller>;

/** Begins to sign in by the test provider, and has it answer. */
export async function openTestIdentity(
  caller: Caller,
  identity: TestIdentity,
): Promise<{ readonly attempt: string; readonly answer: string }> {
  const { attempt, authorization_url } = await caller.auth.begin_identity_login({ provider: "test" });
  return { attempt, answer: answerOf(authorization_url, identity) };
}

/** Signs in by the test provider. */
export async function loginWithTestIdentity(caller: Caller, identity: TestIdentity): Promise<Tokens> {
  return caller.auth.login_with_identity(await openTestIdentity(caller, identity));
}

/** Links an identity at the test provider to the account of whoever calls; the session has to be a recent one. */
export async function linkTestIdentity(caller: Caller, identity: TestIdentity): Promise<Identity> {
  const { attempt, authorization_url } = await caller.auth.begin_identity_link({ provider: "test" });
  return caller.auth.link_identity({ attempt, answer: answerOf(authorization_url, identity) });
}

/**
 * Links an identity to a user, written directly: nobody vouches for it, and it takes no recent session.
 *
 * @returns its id
 */
export async function addIdentityRow({ deps, clock }: TestApi, user_id: string): Promise<string> {
  const id = deps.createId();
  const row = {
    ...{ id, user_id, issuer: "https://test.example", subject: id, email: "somebody@example.org" },
    created_at: clock(),
    last_used_at: null,
  };
  await deps.db.insertInto("identities").values(row).execute();
  return id;
}
