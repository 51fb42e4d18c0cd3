import { expect, it } from "vitest";
import { codeOf, createTestApi, signUpWithTotp, startLogin, turnOnTotp } from "../../testing/index.ts";

const email = "ada@example.org";
const password = "correct horse battery";

it("begins one session only, however many answers come at once", async () => {
  await using api = await createTestApi();
  const { app } = await signUpWithTotp(api, email);
  const { auth } = api.caller();
  const challenges = await Promise.all([startLogin(auth, email), startLogin(auth, email)]);
  const code = app.code();
  const answers = challenges.flatMap((challenge) => [
    { challenge, code },
    { challenge, code },
  ]);
  const outcomes = await Promise.all(answers.map((answer) => codeOf(auth.complete_login(answer))));
  expect(outcomes.filter((outcome) => outcome === undefined)).toHaveLength(1);
});

it("begins no session by a password that was checked before the second factor was on", async () => {
  await using api = await createTestApi();
  const caller = await api.signUp(email);
  const ofBoth = await Promise.all([
    codeOf(api.caller().auth.login({ email, password })),
    turnOnTotp(api, caller),
  ]);
  expect([undefined, "SECOND_FACTOR_REQUIRED"]).toContain(ofBoth[0]);
  expect((await caller.auth.sessions()).items.map(({ is_current }) => is_current)).toEqual([true]);
});

it("changes the second factor once, however often a code is given at once", async () => {
  await using api = await createTestApi();
  const { app, caller } = await signUpWithTotp(api, email);
  const [code, again] = [app.code(), app.code()];
  const outcomes = await Promise.all([
    codeOf(caller.auth.turn_off_second_factor({ code })),
    codeOf(caller.auth.turn_off_second_factor({ code: again })),
    codeOf(caller.auth.renew_recovery_codes({ code })),
  ]);
  expect(outcomes.filter((outcome) => outcome === undefined)).toHaveLength(1);
});

it("uses a recovery code up once, however often it is given at once", async () => {
  await using api = await createTestApi();
  const { app } = await signUpWithTotp(api, email);
  const { auth } = api.caller();
  const [code = ""] = app.recoveryCodes;
  const answer = async () => codeOf(auth.complete_login({ challenge: await startLogin(auth, email), code }));
  const outcomes = await Promise.all([answer(), answer(), answer()]);
  expect(outcomes.filter((outcome) => outcome === undefined)).toHaveLength(1);
  const { caller } = await logInWith(api, app.code());
  expect(await caller.auth.second_factor()).toMatchObject({ recovery_codes_left: 9 });
});

async function logInWith(api: Awaited<ReturnType<typeof createTestApi>>, code: string) {
  const { auth } = api.caller();
  const tokens = await auth.complete_login({ challenge: await startLogin(auth, email), code });
  return { caller: api.caller(tokens.access_token) };
}
