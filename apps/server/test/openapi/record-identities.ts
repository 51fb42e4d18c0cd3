import type { Identity, IdentityAttempt, Tokens } from "@obsqra/contract";
import { answerOf } from "@obsqra/features/testing";
import type { Recorder } from "./record-examples.ts";

/** Links an identity at a provider, signs in by it, and unlinks it. */
export async function useIdentity({ call }: Recorder, email: string, token: string): Promise<void> {
  await call("auth.identity_providers");
  const identity = { subject: "248289761001", email };
  const begun = await call<IdentityAttempt>("auth.begin_identity_link", { provider: "test" }, token);
  const answer = answerOf(begun.authorization_url, identity);
  const linked = await call<Identity>("auth.link_identity", { attempt: begun.attempt, answer }, token);
  const { attempt, authorization_url } = await call<IdentityAttempt>("auth.begin_identity_login", {
    provider: "test",
  });
  const input = { attempt, answer: answerOf(authorization_url, identity) };
  await call<Tokens>("auth.login_with_identity", input);
  await call("auth.identities", { limit: 20 }, token);
  await call("auth.unlink_identity", { identity_id: linked.id }, token);
}
