import { withoutRules } from "@obsqra/db/testing";
import { sql } from "kysely";
import { expect, it } from "vitest";
import { codeOf, createTestApi, type TestApi } from "../../testing/index.ts";
import { endSessionsByOperator, setPlanByOperator, verifyAuditLogs } from "./account-commands.service.ts";
import { AccountCommandError, type AccountSelection } from "./account-selection.service.ts";

const password = "correct horse battery";

async function verify({ deps }: TestApi, selection: AccountSelection) {
  const verdicts = [];
  for await (const verdict of verifyAuditLogs(deps, selection)) verdicts.push(verdict);
  return verdicts;
}

it("ends the sessions of one account, and of no other", async () => {
  await using api = await createTestApi();
  const [ada, eve] = [await api.signUp("ada@example.org"), await api.signUp("eve@example.org")];
  const other = await api.caller().auth.login({ email: "ada@example.org", password });
  expect(await endSessionsByOperator(api.deps, { email: "ada@example.org" })).toEqual({
    accounts: 1,
    sessions: 2,
  });
  expect(await codeOf(ada.auth.me())).toBe("TOKEN_INVALID");
  expect(await codeOf(api.caller().auth.refresh(other))).toBe("REFRESH_TOKEN_INVALID");
  expect(await eve.auth.me()).toMatchObject({ email: "eve@example.org" });
});

it("ends everybody's sessions and writes it into the audit log of each account that had some", async () => {
  await using api = await createTestApi();
  for (const name of ["ada", "eve"]) await api.signUp(`${name}@example.org`);
  await (await api.signUp("gone@example.org")).auth.logout();
  expect(await endSessionsByOperator(api.deps, "all")).toEqual({ accounts: 2, sessions: 2 });
  expect(await endSessionsByOperator(api.deps, "all")).toEqual({ accounts: 0, sessions: 0 });
  const { access_token } = await api.caller().auth.login({ email: "ada@example.org", password });
  const { items } = await api.caller(access_token).users.audit_log({ type: "sessions_ended_by_operator" });
  expect(items).toMatchObject([{ details: { sessions: 1 }, ip: null, user_agent: null }]);
});

it("follows the audit log of one account, or of all, and names the one that does not hold", async () => {
  await using api = await createTestApi();
  const [ada, eve] = [await api.signUp("ada@example.org"), await api.signUp("eve@example.org")];
  const ids = [(await ada.auth.me()).id, (await eve.auth.me()).id];
  await ada.users.update_profile({ full_name: "Ada King" });
  await eve.users.update_profile({ full_name: "Eve Moneypenny" });
  const whole = await verify(api, "all");
  expect(whole.map(({ user_id }) => user_id)).toEqual([...ids, undefined]);
  expect(whole.map(({ chain }) => "fault" in chain)).toEqual([false, false, false]);
  await withoutRules(api.deps.db, async (trx) => {
    await sql`update audit_events set details = '{}' where user_id = ${ids[1]} and type = 'profile_changed'`.execute(
      trx,
    );
  });
  const broken = { user_id: ids[1], chain: { position: expect.any(Number), fault: "content" } };
  expect(await verify(api, "all")).toEqual([whole[0], broken, whole[2]]);
  expect(await verify(api, { email: "eve@example.org" })).toEqual([broken]);
  expect(await verify(api, { email: "ada@example.org" })).toEqual([whole[0]]);
});

it("says so when no account has an address", async () => {
  await using api = await createTestApi();
  const nobody = { email: "nobody@example.org" };
  await expect(endSessionsByOperator(api.deps, nobody)).rejects.toThrow(AccountCommandError);
  await expect(verify(api, nobody)).rejects.toThrow("No account has the address nobody@example.org.");
});

it("writes a change of plan into the audit log, and nothing when the plan is the same", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp("ada@example.org");
  for (const plan of ["pro", "pro", "free"] as const) {
    await setPlanByOperator(api.deps, { email: "ada@example.org", plan });
  }
  const { items } = await ada.users.audit_log({ type: "plan_changed_by_operator", sort: "oldest" });
  expect(items.map(({ details, ip }) => ({ details, ip }))).toEqual([
    { details: { from: "free", to: "pro" }, ip: null },
    { details: { from: "pro", to: "free" }, ip: null },
  ]);
});

it("changes no plan when the change cannot be written into the audit log", async () => {
  await using api = await createTestApi();
  const ada = await api.signUp("ada@example.org");
  const [event] = (await ada.users.audit_log()).items;
  const deps = { ...api.deps, createId: () => event?.id ?? "" };
  const refused = setPlanByOperator(deps, { email: "ada@example.org", plan: "pro" });
  await expect(refused).rejects.toMatchObject({ constraint: "audit_events_pkey" });
  expect((await ada.users.profile()).plan).toBe("free");
});

it("gives one account another plan, and nobody without an account", async () => {
  await using api = await createTestApi();
  const [ada, eve] = [await api.signUp("ada@example.org"), await api.signUp("eve@example.org")];
  await setPlanByOperator(api.deps, { email: "ada@example.org", plan: "pro" });
  expect((await ada.users.profile()).plan).toBe("pro");
  expect((await eve.users.profile()).plan).toBe("free");
  const refused = setPlanByOperator(api.deps, { email: "nobody@example.org", plan: "pro" });
  await expect(refused).rejects.toThrow(AccountCommandError);
});
