import { createHmac } from "node:crypto";
import { AppError } from "@obsqra/platform";
import type { createCaller } from "../root.ts";
import type { TestApi } from "./create-test-api.ts";
import { logIn } from "./log-in.ts";

type Caller = ReturnType<typeof createCaller>;

/** An app that shows the codes of an account, and what came with turning it on. */
export interface TestApp {
  /** The code of now, or of so many periods of 30 seconds later. */
  code(periodsLater?: number): string;
  readonly secret: string;
  readonly recoveryCodes: readonly string[];
}

/** Turns the second factor of whoever calls on; the code that it takes is used up, so that a minute goes by. */
export async function turnOnTotp(api: TestApi, caller: Caller): Promise<TestApp> {
  const { secret } = await caller.auth.set_up_totp();
  const code = (periodsLater = 0) => codeAt(secret, new Date(api.clock().getTime() + periodsLater * 30_000));
  const { recovery_codes } = await caller.auth.confirm_totp({ code: code() });
  api.clock.advance(60_000);
  return { code, secret, recoveryCodes: recovery_codes };
}

/** A user with a second factor, the app, and the session that has turned it on. */
export async function signUpWithTotp(
  api: TestApi,
  email: string,
): Promise<{ app: TestApp; caller: Caller; access_token: string }> {
  await api.signUp(email);
  const { caller, access_token } = await logIn(api, { email });
  return { app: await turnOnTotp(api, caller), caller, access_token };
}

/** Gives the password of a user who has a second factor; gives the challenge. */
export async function startLogin(
  auth: Caller["auth"],
  email: string,
  password = "correct horse battery",
): Promise<string> {
  const error = await auth.login({ email, password }).then(
    () => undefined,
    (thrown: Error) => thrown.cause,
  );
  const required = error instanceof AppError ? error : undefined;
  if (required?.code !== "SECOND_FACTOR_REQUIRED") throw new Error("No second factor was asked for.");
  return (required.details as { challenge: string }).challenge;
}

/** The code of a moment, by RFC 6238 and not by the library that checks it. */
export function codeAt(secret: string, at: Date): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at.getTime() / 30_000)));
  const mac = createHmac("sha1", decodeBase32(secret)).update(counter).digest();
  const offset = mac.readUInt8(mac.length - 1) & 0xf;
  return String((mac.readUInt32BE(offset) & 0x7fff_ffff) % 1_000_000).padStart(6, "0");
}

function decodeBase32(text: string): Buffer {
  const bits = [...text]
    .map((character) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(character).toString(2).padStart(5, "0"))
    .join("");
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}
