import type {
  Passkey,
  PasskeyCreation,
  PasskeyRequest,
  RecoveryCodes,
  RememberedDevices,
  Tokens,
  TotpSetUp,
} from "@obsqra/contract";
import { codeAt, createTestPasskey } from "@obsqra/features/testing";
import type { Recorder } from "./record-examples.ts";
import { useIdentity } from "./record-identities.ts";

/** Turns a second factor on, signs in with it, turns it off again, and signs in by a provider. */
export async function useSecondFactor(
  recorder: Recorder,
  account: { readonly email: string; readonly password: string },
): Promise<void> {
  const {
    server: { api },
    call,
    refuse,
  } = recorder;
  const { access_token: first } = await call<Tokens>("auth.login", account);
  const { secret } = await call<TotpSetUp>("auth.set_up_totp", undefined, first);
  const nextCode = () => {
    api.clock.advance(60_000);
    // The call takes a second.
    return codeAt(secret, new Date(api.clock().getTime() + 1_000));
  };
  await call<RecoveryCodes>("auth.confirm_totp", { code: nextCode() }, first);
  const { details } = await refuse("auth.login", account);
  const challenge = details?.challenge;
  const completed = { challenge, code: nextCode(), remember_device: true };
  const { access_token: token } = await call<Tokens>("auth.complete_login", completed);
  await call("auth.second_factor", undefined, token);
  const { items } = await call<RememberedDevices>("auth.remembered_devices", { limit: 20 }, token);
  await call("auth.forget_device", { device_id: items[0]?.id }, token);
  await usePasskey(recorder, token);
  await call("auth.renew_recovery_codes", { code: nextCode() }, token);
  await call("auth.turn_off_second_factor", { code: nextCode() }, token);
  await useIdentity(recorder, account.email, token);
}

/** Adds a passkey, signs in with it, and removes it. */
async function usePasskey({ call }: Recorder, token: string): Promise<void> {
  const made = createTestPasskey({ isSynced: true, seed: "an example" });
  const { challenge } = await call<PasskeyCreation>("auth.set_up_passkey", undefined, token);
  const input = { name: "Laptop", passkey: made.create(challenge) };
  const { id: passkey_id } = await call<Passkey>("auth.add_passkey", input, token);
  await call("auth.rename_passkey", { passkey_id, name: "Laptop at work" }, token);
  const request = await call<PasskeyRequest>("auth.passkey_challenge");
  await call<Tokens>("auth.login_with_passkey", { passkey: made.sign(request.challenge) });
  await call("auth.passkeys", { limit: 20 }, token);
  await call("auth.remove_passkey", { passkey_id }, token);
}
