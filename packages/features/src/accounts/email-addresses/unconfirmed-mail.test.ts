import { expect, it } from "vitest";
import { renderEmail } from "../../mail/render-email.ts";
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

it("keeps nobody in a network from a new password by mails that were sent there without being asked for", async () => {
  await using api = await createTestApi({
    throttleLimits: { perEmailAndIp: 5, perIp: 50, mailsPerEmailAndIp: 3, mailsPerIp: 2 },
  });
  const ada = await api.signUp(email);
  for (let time = 0; time < 3; time += 1) {
    await ada.auth.create_api_key({ name: `Key ${time}`, scopes: ["webhooks:read"] });
  }
  const told = (await readMails(api)).filter(({ template }) => template === "api_key_created");
  expect(told).toHaveLength(2);
  const other = await api.signUp("other@example.org");
  const change = { current_password: password, new_password: "staple that no horse has" };
  expect(await codeOf(other.auth.change_password(change))).toBeUndefined();
  expect(await codeOf(api.caller().auth.request_password_reset({ email }))).toBeUndefined();
});

it("tells a confirmed owner of ten new webhooks and keys a day, from wherever, and with the last that no more mails come", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp(email);
  await api.caller().auth.verify_email({ token: await readNewestToken(api, "email_verification") });
  const makeTwo = async (time: number) => {
    const url = `https://example.org/${time}`;
    const { id: webhook_id } = await ada.webhooks.create({ url, topics: ["transactions"] });
    await ada.webhooks.delete({ webhook_id });
    const { id } = await ada.auth.create_api_key({ name: `Key ${time}`, scopes: ["webhooks:read"] });
    await ada.auth.revoke_api_key({ api_key_id: id });
  };
  const tell = async () =>
    (await readMails(api)).filter(({ template }) => /^(webhook|api_key)_created$/.test(template));
  for (let time = 0; time < 20; time += 1) await makeTwo(time);
  const told = await tell();
  expect(told).toHaveLength(10);
  expect(told.map((mail) => "is_last" in mail)).toEqual([...Array(9).fill(false), true]);
  const last = told.at(-1);
  expect(
    last && renderEmail(last, { appUrl: "https://app.example", publicUrl: "https://api.example" }).text,
  ).toMatch(/no more mails about new API keys/);
});
