import type { PasskeyCreation, PasskeyRequest, Tokens } from "@obsqra/contract";
import { createTestPasskey } from "@obsqra/features/testing";
import type { Journey } from "./use-every-secret.ts";

/** Adds a passkey, and signs in with it, well and badly. */
export async function usePasskey(journey: Journey, accessToken: string): Promise<void> {
  const { attempt, call, plant } = journey;
  const made = createTestPasskey();
  const setUp = await call<PasskeyCreation>("auth.set_up_passkey", undefined, accessToken);
  plant("a challenge for a new passkey", setUp.challenge);
  const added = { name: "Laptop", passkey: made.create(setUp.challenge) };
  await call("auth.add_passkey", added, accessToken);
  await attempt("auth.add_passkey", added, accessToken);
  const { challenge } = await call<PasskeyRequest>("auth.passkey_challenge", undefined);
  const passkey = made.sign(plant("a challenge for a passkey", challenge));
  plant("the signature of a passkey", passkey.response.signature);
  const tokens = await call<Tokens>("auth.login_with_passkey", { passkey });
  plant("an access token of a passkey", tokens.access_token);
  plant("a refresh token of a passkey", tokens.refresh_token);
  await attempt("auth.login_with_passkey", { passkey });
  const again = await call<PasskeyRequest>("auth.passkey_challenge", undefined);
  plant("a challenge for signing in again", again.challenge);
  const shown = { passkey: made.sign(again.challenge) };
  plant("the signature of a passkey that is shown again", shown.passkey.response.signature);
  const recent = await call<Tokens>("auth.reauthenticate", shown, tokens.access_token);
  plant("an access token of a passkey that was shown again", recent.access_token);
  plant("a refresh token of a passkey that was shown again", recent.refresh_token);
  await attempt("auth.reauthenticate", shown, recent.access_token);
}
