/** Faults of others, each by the issue that it was reported in. */
import { expect, it } from "vitest";
import { codeAt, codeOf, createTestApi, logIn, signUpWithTotp, startLogin } from "../../testing/index.ts";

const email = "ada@example.org";
const password = "correct horse battery";
const minuteMs = 60_000;

it("better-auth#10387: takes no code of an app twice, for whatever it is given", async () => {
  await using api = await createTestApi();
  await api.signUp(email);
  const { caller } = await logIn(api, { email });
  const { code: confirmed, ...app } = await turnOnAndKeepCode(api, caller);
  const { auth } = api.caller();
  const answer = async (code: string) =>
    codeOf(auth.complete_login({ challenge: await startLogin(auth, email), code }));
  expect(await answer(confirmed)).toBe("CODE_INVALID");
  const next = app.next();
  expect(await answer(next)).toBeUndefined();
  expect(await answer(next)).toBe("CODE_INVALID");
  expect(await codeOf(caller.auth.reauthenticate({ code: next }))).toBe("CODE_INVALID");
  expect(await codeOf(caller.auth.turn_off_second_factor({ code: next }))).toBe("CODE_INVALID");
});

it("better-auth#9248: turns the second factor off by a code, and not by the password", async () => {
  await using api = await createTestApi();
  const { caller } = await signUpWithTotp(api, email);
  expect(await codeOf(caller.auth.turn_off_second_factor({ code: password }))).toBe("CODE_INVALID");
  expect(await caller.auth.second_factor()).toMatchObject({ is_on: true });
});

it("better-auth#10210: lets a login that waits be answered five times, and new ones no sooner", async () => {
  await using api = await createTestApi();
  const { app } = await signUpWithTotp(api, email);
  const { auth } = api.caller();
  const challenge = await startLogin(auth, email);
  for (let attempt = 0; attempt < 5; attempt += 1) {
    expect(await codeOf(auth.complete_login({ challenge, code: "000000" }))).toBe("CODE_INVALID");
  }
  expect(await codeOf(auth.complete_login({ challenge, code: app.code() }))).toBe("TOO_MANY_ATTEMPTS");
  // However long it waits for the account, this login is not answered any more.
  api.clock.advance(minuteMs);
  expect(await codeOf(auth.complete_login({ challenge, code: app.code() }))).toBe("TOO_MANY_ATTEMPTS");
  const next = await startLogin(auth, email);
  expect(await codeOf(auth.complete_login({ challenge: next, code: app.code() }))).toBeUndefined();
});

it("remote.futrx#112: counts codes for the account, wherever they come from and however often the password is right", async () => {
  await using api = await createTestApi();
  const { app } = await signUpWithTotp(api, email);
  const codes: unknown[] = [];
  for (let attempt = 0; attempt < 6; attempt += 1) {
    const { auth } = api.caller(undefined, { ip: `203.0.${attempt}.7` });
    const challenge = await startLogin(auth, email);
    codes.push(await codeOf(auth.complete_login({ challenge, code: attempt < 5 ? "000000" : app.code() })));
  }
  expect(codes).toEqual([...Array(5).fill("CODE_INVALID"), "TOO_MANY_ATTEMPTS"]);
});

it("remote.futrx#112: counts codes that are guessed with a session, too", async () => {
  await using api = await createTestApi();
  const { app, caller } = await signUpWithTotp(api, email);
  const guesses = [
    () => caller.auth.turn_off_second_factor({ code: "000000" }),
    () => caller.auth.renew_recovery_codes({ code: "000000" }),
    () => caller.auth.reauthenticate({ code: "000000" }),
  ];
  for (const guess of [...guesses, ...guesses].slice(0, 5))
    expect(await codeOf(guess())).toBe("CODE_INVALID");
  for (const guess of guesses) expect(await codeOf(guess())).toBe("TOO_MANY_ATTEMPTS");
  const off = () => caller.auth.turn_off_second_factor({ code: app.code() });
  expect(await codeOf(off())).toBe("TOO_MANY_ATTEMPTS");
  api.clock.advance(minuteMs);
  expect(await codeOf(off())).toBeUndefined();
});

it("LemmyNet/lemmy#3309: asks for no code of an app that has not shown one", async () => {
  await using api = await createTestApi();
  const caller = await api.signUp(email);
  expect(await codeOf(caller.auth.confirm_totp({ code: "000000" }))).toBe("TOTP_NOT_SET_UP");
  await caller.auth.set_up_totp();
  expect(await codeOf(caller.auth.confirm_totp({ code: "000000" }))).toBe("CODE_INVALID");
  expect(await caller.auth.second_factor()).toMatchObject({ is_on: false });
  await logIn(api, { email });
});

it("viur-framework/server#129: ends a login that waits, so that a stolen password is no way in after a reset", async () => {
  await using api = await createTestApi();
  const { app } = await signUpWithTotp(api, email);
  const { auth } = api.caller();
  const challenge = await startLogin(auth, email);
  api.clock.advance(5 * minuteMs);
  expect(await codeOf(auth.complete_login({ challenge, code: app.code() }))).toBe("LOGIN_CHALLENGE_INVALID");
});

async function turnOnAndKeepCode(
  api: Awaited<ReturnType<typeof createTestApi>>,
  caller: Awaited<ReturnType<typeof logIn>>["caller"],
) {
  const { secret } = await caller.auth.set_up_totp();
  const code = codeAt(secret, api.clock());
  await caller.auth.confirm_totp({ code });
  return { code, next: () => codeAt(secret, new Date(api.clock().getTime() + 30_000)) };
}
