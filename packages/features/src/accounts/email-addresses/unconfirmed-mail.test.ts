import { expect, it } from "vitest";
import { codeOf, createTestApi, readMails, readNewestToken, type TestApi } from "../../testing/index.ts";

const email = "stranger@example.org";
const password = "correct horse battery";

type Caller = ReturnType<TestApi["caller"]>;

/** What a user does on whose account a mail goes to its address, the time before that counted from 0. */
const deeds: Record<string, (caller: Caller, time: number) => Promise<unknown>> = {
  "changing the password": (caller) =>
    caller.auth.change_password({ current_password: password, new_password: password }),
  "asking for another address": (caller, time) =>
    caller.auth.request_email_change({ new_email: `other-${time}@example.org` }),
  "having the account deleted": (caller) => caller.users.schedule_deletion(),
};

/** Does it five times, each time newly signed in. */
async function doOften(api: TestApi, deed: (caller: Caller, time: number) => Promise<unknown>) {
  const codes: unknown[] = [];
  for (let time = 0; time < 5; time += 1) {
    const tokens = await api.caller().auth.login({ email, password });
    codes.push(await codeOf(deed(api.caller(tokens.access_token), time)));
  }
  return codes;
}

it.each(Object.entries(deeds))(
  "sends a stranger whose address somebody registered three mails an hour at most: %s",
  async (_, deed) => {
    await using api = await createTestApi();
    await api.signUp(email);
    const before = (await readMails(api)).length;
    const codes = await doOften(api, deed);
    expect(codes).toEqual([undefined, undefined, undefined, "TOO_MANY_ATTEMPTS", "TOO_MANY_ATTEMPTS"]);
    const after = (await readMails(api)).slice(before);
    expect(after.filter(({ to }) => to === email)).toHaveLength(3);
  },
);

it.each(Object.entries(deeds))("limits nobody whose address is confirmed: %s", async (_, deed) => {
  await using api = await createTestApi();
  await api.signUp(email);
  await api.caller().auth.verify_email({ token: await readNewestToken(api, "email_verification") });
  expect(await doOften(api, deed)).toEqual(Array(5).fill(undefined));
});
