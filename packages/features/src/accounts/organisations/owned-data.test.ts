import { waitForEvents } from "@obsqra/db/testing";
import {
  createCallLimiter,
  createCallTurns,
  createLimitPolicies,
  defaultStorageQuotas,
} from "@obsqra/platform";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCaller } from "../../root.ts";
import { signUpVerified } from "../../testing/account-steps.ts";
import {
  addTestMember,
  alertMailsTo,
  codeOf,
  createTestApi,
  foundOrganisation,
  readAllPages,
  readMails,
  recordStatements,
  type TestApi,
  type TestMember,
  writeAllAlerts,
} from "../../testing/index.ts";

const deposit = { tx_hash: "0x5a1d", tx_type: "deposit", amount: "1250.5" } as const;

/** An organisation with an owner and a member of each other role. */
async function openOrganisation(api: TestApi) {
  const email = `${api.deps.createId()}@example.org`;
  const password = "correct horse battery";
  const { access_token } = await api.caller().auth.register({ email, password, full_name: "Ada" });
  const id = await foundOrganisation(api, access_token);
  const member = (role: "admin" | "analyst" | "viewer") => addTestMember(api, id, role);
  return {
    id,
    email,
    accessToken: access_token,
    self: api.caller(access_token),
    own: api.caller(access_token, { owner: id }),
    admin: await member("admin"),
    analyst: await member("analyst"),
    viewer: await member("viewer"),
  };
}

describe("what belongs to an organisation", () => {
  let api: TestApi;
  let organisation: Awaited<ReturnType<typeof openOrganisation>>;

  beforeAll(async () => {
    api = await createTestApi({ withForecasts: true });
    organisation = await openOrganisation(api);
  });
  afterAll(() => api[Symbol.asyncDispose]());

  it("are its transactions and holdings, which its members see and log, and nobody's own", async () => {
    const { self, own, analyst, viewer } = organisation;
    const allocate = {
      ...deposit,
      tx_hash: "0x5a1e",
      tx_type: "allocate",
      allocation: { nostra: 100 },
    } as const;
    await analyst.caller.transactions.create(allocate);
    // The same transaction is another one's, too.
    await api.caller(analyst.accessToken).transactions.create(allocate);
    await api.caller(analyst.accessToken).transactions.create(deposit);
    for (const each of [own, viewer.caller]) {
      expect((await each.transactions.list()).items.map(({ tx_hash }) => tx_hash)).toEqual([
        expect.stringMatching(/5a1e$/),
      ]);
      expect((await each.analytics.allocation_history()).items).toMatchObject([
        { allocation: { nostra: 100 } },
      ]);
      expect(await each.analytics.dashboard()).toMatchObject({
        latest_allocation: { allocation: { nostra: 100 } },
      });
    }
    expect((await self.transactions.list()).items).toEqual([]);
    expect(await codeOf(viewer.caller.transactions.create(deposit))).toBe("ROLE_INSUFFICIENT");
  });

  it("are its preferences, by which its suggestions are made", async () => {
    const { self, own, admin, analyst, viewer } = organisation;
    const before = await self.users.preferences();
    await admin.caller.users.update_preferences({ risk_tolerance: "low" });
    expect(await viewer.caller.users.preferences()).toMatchObject({ risk_tolerance: "low" });
    expect(await self.users.preferences()).toEqual(before);
    const { id, risk_tolerance } = await analyst.caller.predictions.run_optimization();
    expect(risk_tolerance).toBe("low");
    const { items } = await own.predictions.rebalance_suggestions();
    expect(items.map((item) => item.id)).toEqual([id]);
    expect((await api.caller(analyst.accessToken).predictions.rebalance_suggestions()).items).toEqual([]);
    expect(await codeOf(analyst.caller.users.update_preferences({}))).toBe("ROLE_INSUFFICIENT");
  });

  it("are its webhooks and its audit log, which says who did what", async () => {
    const { own, self, admin, viewer } = organisation;
    const input = { url: "https://example.org/", topics: ["transactions" as const] };
    const { id } = await admin.caller.webhooks.create(input);
    expect((await own.webhooks.list()).items.map((item) => item.id)).toEqual([id]);
    expect((await self.webhooks.list()).items).toEqual([]);
    expect((await api.caller(admin.accessToken).webhooks.list()).items).toEqual([]);
    expect(await codeOf(viewer.caller.webhooks.list())).toBe("ROLE_INSUFFICIENT");
    const [event] = (await own.users.audit_log({ type: "webhook_created" })).items;
    expect(event).toMatchObject({
      owner_id: organisation.id,
      details: { id, member_id: admin.userId },
      ip: null,
      user_agent: null,
    });
    const ofAdmin = await api.caller(admin.accessToken).users.audit_log({ type: "webhook_created" });
    expect(ofAdmin.items).toEqual([]);
  });

  it("are its keys, which act for it, go on after whoever made them, and are shown as such", async () => {
    const { own, admin } = organisation;
    const maker = await addTestMember(api, organisation.id, "admin");
    const scopes = ["transactions:read", "transactions:write", "webhooks:write"] as const;
    const { id, key, made_by } = await maker.caller.auth.create_api_key({ name: "Bot", scopes: [...scopes] });
    expect(made_by).toBe(maker.userId);
    await own.organisations.remove_member({ user_id: maker.userId });
    const bot = api.caller(key);
    await bot.transactions.create({ ...deposit, tx_hash: "0xb07" });
    const [logged] = (await own.transactions.list({ limit: 1 })).items;
    expect(logged?.tx_hash).toMatch(/b07$/);
    const before = (await readMails(api)).length;
    const made = { url: "https://example.org/bot", topics: ["transactions" as const] };
    const { id: webhookId } = await bot.webhooks.create(made);
    // An organisation has no address.
    expect(await readMails(api)).toHaveLength(before);
    const [event] = (await own.users.audit_log({ type: "webhook_created" })).items;
    expect(event?.details).toMatchObject({ id: webhookId, api_key_id: id });
    const { items } = await admin.caller.auth.api_keys();
    expect(items).toMatchObject([{ id, made_by: maker.userId }]);
    expect((await api.caller(maker.accessToken).auth.api_keys()).items).toEqual([]);
    // Nor does a change of the maker's password end it, nor the deletion of the maker's account.
    await api.caller(maker.accessToken).users.schedule_deletion();
    expect(await codeOf(bot.transactions.list())).toBeUndefined();
    await admin.caller.auth.revoke_api_key({ api_key_id: id });
    expect(await codeOf(bot.transactions.list())).toBe("API_KEY_INVALID");
  });

  it("is all in its export, which only owners get, and nothing of its members' own", async () => {
    const { own, self, admin, id } = organisation;
    expect(await codeOf(admin.caller.users.start_export())).toBe("ROLE_INSUFFICIENT");
    const { cursor } = await own.users.start_export();
    const records = await readAllPages((page) =>
      own.users.export_records({ limit: 7, cursor: page ?? cursor }),
    );
    const kinds = new Set(records.map(({ kind }) => kind));
    for (const kind of ["organisation", "member", "api_key", "audit_event", "transaction", "webhook"]) {
      expect([...kinds]).toContain(kind);
    }
    for (const kind of ["profile", "session", "wallet", "passkey"]) expect([...kinds]).not.toContain(kind);
    expect(records[0]).toMatchObject({
      kind: "organisation",
      data: { id, preferences: { risk_tolerance: "low" } },
    });
    // The cursor of one owner's export is no other's.
    expect(await codeOf(self.users.export_records({ cursor }))).toBe("CURSOR_INVALID");
    const other = await self.users.start_export();
    expect(await codeOf(own.users.export_records({ cursor: other.cursor }))).toBe("CURSOR_INVALID");
    const mine = await readAllPages((page) =>
      self.users.export_records({ limit: 100, cursor: page ?? other.cursor }),
    );
    expect(mine.filter(({ kind }) => kind === "membership")).toMatchObject([{ data: { id, role: "owner" } }]);
  });

  it("are its cursors: one of the owner's own lists is no cursor of the organisation's, and the other way round", async () => {
    const { self, own } = organisation;
    for (const tx_hash of ["0x71", "0x72"]) await self.transactions.create({ ...deposit, tx_hash });
    for (const tx_hash of ["0x73", "0x74"]) await own.transactions.create({ ...deposit, tx_hash });
    const first = async (caller: typeof own) =>
      (await caller.transactions.list({ limit: 1 })).next_cursor ?? "";
    expect(await codeOf(own.transactions.list({ cursor: await first(self) }))).toBe("CURSOR_INVALID");
    expect(await codeOf(self.transactions.list({ cursor: await first(own) }))).toBe("CURSOR_INVALID");
    expect(await codeOf(own.transactions.list({ cursor: await first(own) }))).toBeUndefined();
  });
});

it("mails alerts of an organisation to an owner with a confirmed address, and says whose they are", async () => {
  await using api = await createTestApi({ withForecasts: true });
  const email = "ada@example.org";
  const caller = await signUpVerified(api, email);
  const { id } = await caller.organisations.create({ name: "Analytical Engines" });
  const { access_token } = await api.caller().auth.login({ email, password: "correct horse battery" });
  const own = api.caller(access_token, { owner: id });
  await own.users.update_preferences({ auto_rebalance_enabled: true });
  const { id: webhookId } = await own.webhooks.create({ url: "https://example.org/", topics: ["market"] });
  await api.deps.db
    .insertInto("events")
    .values({
      id: api.deps.createId(),
      type: "webhook.disabled",
      subject: webhookId,
      owner_id: id,
      payload: JSON.stringify({ reason: "gone" }),
      occurred_at: api.clock(),
    })
    .execute();
  await writeAllAlerts(api);
  expect(await alertMailsTo(api, email)).toMatchObject([
    [{ kind: "webhook_disabled", webhook_id: webhookId }],
  ]);
  expect((await readMails(api)).at(-1)).toMatchObject({ organisation: "Analytical Engines" });
  await own.users.update_preferences({ email_alerts_enabled: false });
  expect(await alertMailsTo(api, email)).toEqual([]);
});

it("holds the limits and the quota of an organisation apart from those of its members", async () => {
  const policies = createLimitPolicies();
  await using api = await createTestApi({
    createCallLimiter: (deps) => createCallLimiter({ policies, ...deps }),
    storageQuotas: { ...defaultStorageQuotas, free: 2_000 },
  });
  const { self, own, analyst } = await openOrganisation(api);
  const details = { note: "x".repeat(1_500) };
  await own.transactions.create({ ...deposit, tx_hash: "0x1", details });
  expect(await codeOf(analyst.caller.transactions.create({ ...deposit, tx_hash: "0x3" }))).toBe(
    "STORAGE_FULL",
  );
  expect(await codeOf(self.transactions.create({ ...deposit, tx_hash: "0x3" }))).toBeUndefined();
  const used = async (caller: typeof own) => {
    const { limits, storage } = await caller.users.usage();
    return { day: limits.find(({ policy }) => policy.startsWith("day")), storage };
  };
  const before = await used(self);
  for (let call = 0; call < 3; call += 1) await analyst.caller.transactions.list();
  const after = await used(self);
  // One call, the look itself.
  expect((before.day?.remaining ?? 0) - (after.day?.remaining ?? 0)).toBe(1);
  expect((await used(own)).storage.records).toBe(1);
});

it("replays a call to whoever made it, for whom it was made, and to nobody else of the organisation", async () => {
  await using api = await createTestApi();
  const { id, accessToken, admin } = await openOrganisation(api);
  const from = { idempotency_key: "the-same", owner: id };
  const input = { name: "Bot", scopes: ["users:read" as const] };
  const first = await api.caller(admin.accessToken, from).auth.create_api_key(input);
  expect(await api.caller(admin.accessToken, from).auth.create_api_key(input)).toEqual(first);
  const ofOwner = await api.caller(accessToken, from).auth.create_api_key(input);
  const ofAdmin = await api
    .caller(admin.accessToken, { ...from, owner: undefined })
    .auth.create_api_key(input);
  expect(new Set([first.key, ofOwner.key, ofAdmin.key]).size).toBe(3);
  // With the rights the replay goes, too: it has a key in it.
  const owner = api.caller(accessToken, { owner: id });
  await owner.organisations.change_role({ user_id: admin.userId, role: "viewer" });
  const again = api.caller(admin.accessToken, from).auth.create_api_key(input);
  expect(await codeOf(again)).toBe("ROLE_INSUFFICIENT");
});

describe("somebody who was removed", () => {
  async function removeAnd<TResult>(
    api: TestApi,
    use: (member: TestMember, remove: () => Promise<unknown>) => TResult,
  ) {
    const { id, own } = await openOrganisation(api);
    const member = await addTestMember(api, id, "admin");
    return use(member, () => own.organisations.remove_member({ user_id: member.userId }));
  }

  it("has no access with the next call, and their own account is as it was", async () => {
    await using api = await createTestApi();
    await removeAnd(api, async ({ caller, accessToken }, remove) => {
      expect(await codeOf(caller.transactions.list())).toBeUndefined();
      await remove();
      expect(await codeOf(caller.transactions.list())).toBe("ORGANISATION_NOT_FOUND");
      expect(await codeOf(api.caller(accessToken).transactions.list())).toBeUndefined();
    });
  });

  it("has none in the rest of a batch whose first calls had ended before", async () => {
    await using api = await createTestApi();
    await removeAnd(api, async ({ accessToken, caller: _caller }, remove) => {
      const [organisation] = (await api.caller(accessToken).organisations.list()).items;
      const request = { id: "batch", access_token: accessToken, ip: "127.0.0.1", user_agent: "test" };
      const { db, statements } = recordStatements(api.deps.db);
      // On a slow machine, those that come later would have to wait for their turn.
      const callTurns = createCallTurns({ sliceMs: Number.POSITIVE_INFINITY });
      const batch = createCaller({
        ...api.deps,
        db,
        callTurns,
        request: { ...request, owner: organisation?.id },
      });
      await Promise.all([batch.users.preferences(), batch.users.preferences(), batch.users.preferences()]);
      // One look-up for all of them, with the membership in it.
      expect(statements).toHaveLength(1);
      await remove();
      expect(await codeOf(batch.users.preferences())).toBe("ORGANISATION_NOT_FOUND");
    });
  });

  it("gets the end of a stream that is open, by the event and without it", async () => {
    for (const ending of ["event", "look"] as const) {
      await using api = await createTestApi();
      await removeAnd(api, async ({ caller, userId }, remove) => {
        const events = await caller.events.follow();
        const stream = events[Symbol.asyncIterator]();
        await stream.next();
        if (ending === "event") await remove();
        else await api.deps.db.deleteFrom("organisation_members").where("user_id", "=", userId).execute();
        const rest = (async () => {
          for (;;) if ((await stream.next()).done === true) return "ended";
        })();
        const end = await rest.catch((error: { cause?: { code?: string } }) => error.cause?.code);
        expect(["ended", "ORGANISATION_NOT_FOUND"]).toContain(end);
        expect(await codeOf(caller.events.follow())).toBe("ORGANISATION_NOT_FOUND");
      });
    }
  });
});

it("ends a stream of somebody who has got another role, who may open another one", async () => {
  await using api = await createTestApi();
  const { own, viewer } = await openOrganisation(api);
  const events = await viewer.caller.events.follow();
  const stream = events[Symbol.asyncIterator]();
  await stream.next();
  await own.organisations.change_role({ user_id: viewer.userId, role: "analyst" });
  await waitForEvents(api.deps.db);
  for (;;) if ((await stream.next()).done === true) break;
  expect(await codeOf(viewer.caller.events.follow())).toBeUndefined();
});

it("tells the owners with a confirmed address of new keys and webhooks, whoever makes them", async () => {
  await using api = await createTestApi();
  const email = "ada@example.org";
  const caller = await signUpVerified(api, email);
  const { id } = await caller.organisations.create({ name: "Analytical Engines" });
  await addTestMember(api, id, "owner");
  const admin = await addTestMember(api, id, "admin");
  await admin.caller.auth.create_api_key({ name: "Bot", scopes: ["users:read"] });
  await admin.caller.webhooks.create({ url: "https://example.org/", topics: ["market"] });
  const told = (await readMails(api)).filter(({ template }) => template === "organisation_notice");
  expect(told).toMatchObject([
    { to: email, organisation: "Analytical Engines", what: "api_key" },
    { to: email, organisation: "Analytical Engines", what: "webhook" },
  ]);
});
