import { eventCatalogue } from "@obsqra/contract";
import { expect, it } from "vitest";
import {
  agentVerifier,
  askForReset,
  createTestApi,
  letAgentIn,
  readNewestToken,
  type TestApi,
  testAgent,
} from "../../testing/index.ts";
import { report } from "../../testing/key-events.ts";
import { giveUpAgentTokens, renewAgentTokens } from "../agents/agent-tokens.service.ts";
import { eraseDueAccounts } from "../deletion/erasure.service.ts";

const ada = { email: "ada@example.org", password: "correct horse battery", full_name: "Ada" };
const dayMs = 86_400_000;

/** The events of keys and passwords, oldest first. */
async function toldOf({ deps }: TestApi) {
  const rows = await deps.db
    .selectFrom("events")
    .select(["type", "subject", "owner_id", "payload"])
    .where((row) => row.or([row("type", "like", "api_key.%"), row("type", "like", "password.%")]))
    .orderBy("sequence")
    .execute();
  return rows.map(({ type, subject, owner_id, payload }) => ({ type, subject, owner_id, payload }));
}

it("tells once of every key that was made and that ended, and why, and of every new password", async () => {
  await using api = await createTestApi();
  const nobody = api.caller();
  const { access_token } = await nobody.auth.register(ada);
  const caller = api.caller(access_token);
  // To an address that nobody has confirmed, so many mails would not be sent.
  await nobody.auth.verify_email({ token: await readNewestToken(api, "email_verification") });
  const { id: user_id } = await caller.auth.me();
  const told: unknown[] = [];
  const tell = (type: string, subject: string, payload: object) =>
    told.push({ type, subject, owner_id: user_id, payload });
  const make = async (by = caller) => {
    const { id } = await by.auth.create_api_key(report);
    tell("api_key.created", id, { user_id });
    return id;
  };
  const tellEnds = (ids: readonly string[], reason: string) => {
    for (const id of ids) tell("api_key.revoked", id, { user_id, reason });
  };

  const revoked = await make();
  await caller.auth.revoke_api_key({ api_key_id: revoked });
  await caller.auth.revoke_api_key({ api_key_id: revoked });
  tellEnds([revoked], "revoked by the user");

  for (const reason of ["given up by its agent", "refresh token replayed"] as const) {
    const { client_id, code, refresh_token } = await letAgentIn(api, caller);
    const { items } = await caller.auth.api_keys({ limit: 1 });
    const id = items[0]?.id ?? "";
    tell("api_key.created", id, { user_id });
    const form = { grant_type: "authorization_code", code, code_verifier: agentVerifier, client_id };
    if (reason === "given up by its agent") await giveUpAgentTokens(testAgent(api), refresh_token);
    else await expect(renewAgentTokens(testAgent(api), form)).rejects.toThrow();
    tellEnds([id], reason);
  }

  const atChange = [await make(), await make()];
  const next = "another horse battery";
  await caller.auth.change_password({ current_password: ada.password, new_password: next });
  tellEnds(atChange, "password changed");
  tell("password.changed", user_id, { user_id });

  const kept = await make();
  const again = { current_password: next, new_password: ada.password, keep_api_keys: true };
  await caller.auth.change_password(again);
  tell("password.changed", user_id, { user_id });
  await nobody.auth.reset_password({ token: await askForReset(api, ada.email), new_password: next });
  tellEnds([kept], "password reset");
  tell("password.reset", user_id, { user_id });

  const signIn = async () =>
    api.caller((await nobody.auth.login({ email: ada.email, password: next })).access_token);
  const signedIn = await signIn();
  const atDeletion = await make(signedIn);
  await signedIn.users.schedule_deletion();
  tellEnds([atDeletion], "deletion scheduled");
  const late = await make(await signIn());
  api.clock.advance(14 * dayMs);
  await eraseDueAccounts(api.deps, new AbortController().signal);
  tellEnds([late], "account erased");

  expect(await toldOf(api)).toEqual(told);
  const reasons = (await toldOf(api)).flatMap(({ type, payload }) =>
    type === "api_key.revoked" ? [(payload as { reason: string }).reason] : [],
  );
  expect(new Set(reasons)).toEqual(new Set(eventCatalogue["api_key.revoked"].payload.shape.reason.options));
});
