import type { RecoveryCodes, RememberedDevices, Tokens, TotpSetUp } from "@obsqra/contract";
import { codeAt } from "@obsqra/features/testing";
import type { Recorder } from "./record-examples.ts";

/** Turns a second factor on, signs in with it, and turns it off again. */
export async function useSecondFactor(
  { server: { api }, call, refuse }: Recorder,
  account: { readonly email: string; readonly password: string },
): Promise<void> {
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
  await call("auth.renew_recovery_codes", { code: nextCode() }, token);
  await call("auth.turn_off_second_factor", { code: nextCode() }, token);
}
