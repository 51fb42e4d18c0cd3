import type { IdentityAttempt, Tokens } from "@obsqra/contract";
import { answerOf } from "@obsqra/features/testing";
import type { Journey } from "./use-every-secret.ts";

/** Links an identity at a provider, and signs in by it, well and badly. */
export async function useIdentity(journey: Journey, email: string, accessToken: string): Promise<void> {
  const { attempt, call, plant } = journey;
  const identity = { subject: `subject of ${email}`, email };
  const begin = async (path: string, bearer?: string) => {
    const begun = await call<IdentityAttempt>(path, { provider: "test" }, bearer);
    const answer = answerOf(begun.authorization_url, identity);
    plant(`the secret of ${path}`, begun.attempt);
    plant(`the state of ${path}`, new URLSearchParams(answer).get("state") ?? "");
    return { attempt: begun.attempt, answer };
  };
  const linking = await begin("auth.begin_identity_link", accessToken);
  await call("auth.link_identity", linking, accessToken);
  await attempt("auth.link_identity", linking, accessToken);
  const input = await begin("auth.begin_identity_login");
  const tokens = await call<Tokens>("auth.login_with_identity", input);
  plant("an access token of an identity", tokens.access_token);
  plant("a refresh token of an identity", tokens.refresh_token);
  await attempt("auth.login_with_identity", input);
}
