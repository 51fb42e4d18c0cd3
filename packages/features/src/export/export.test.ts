import { contract, type ExportPage, type ExportRecord, figureRounder } from "@obsqra/contract";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  addIdentityRow,
  addPasskeyRow,
  addRememberedDevice,
  codeOf,
  createTestApi,
  logIn,
  type TestApi,
} from "../testing/index.ts";

type Caller = Awaited<ReturnType<TestApi["signUp"]>>;

const minuteMs = 60_000;
const password = "correct horse battery";

/** Shared, because its forecasts take a second to prepare: each test has users of its own. */
let api: TestApi;

beforeAll(async () => {
  api = await createTestApi({ withForecasts: true });
});

afterAll(() => api[Symbol.asyncDispose]());

async function linkWallet(userId: string, address: string): Promise<void> {
  const now = api.clock();
  await api.deps.db
    .insertInto("user_wallets")
    .values({
      address,
      user_id: userId,
      state: "deployed",
      signed_hash: null,
      signature: null,
      linked_at: now,
      checked_at: now,
    })
    .execute();
}

/** A user with something in every section. */
async function signUpWithEverything(name: string) {
  const email = `${name}-${api.deps.createId()}@example.org`;
  const caller = await api.signUp(email);
  const { id } = await caller.auth.me();
  await linkWallet(id, `0x${id.replaceAll("-", "").padStart(64, "a")}`);
  await linkWallet(id, `0x${id.replaceAll("-", "").padStart(64, "b")}`);
  await addRememberedDevice(api, id);
  await addPasskeyRow(api, id);
  await addIdentityRow(api, id);
  const other = await api.caller().auth.login({ email, password });
  await api.caller(other.access_token).auth.logout();
  const { key } = await caller.auth.create_api_key({ name: "Report", scopes: ["users:read"] });
  const suggestion = await caller.predictions.run_optimization();
  await caller.transactions.create({
    tx_hash: "0x1",
    tx_type: "allocate",
    amount: "1.5",
    suggestion_id: suggestion.id,
  });
  await caller.transactions.create({ tx_hash: "0x2", tx_type: "deposit", amount: "2" });
  return { id, email, caller, key, other, suggestion };
}

/** All pages, asked for one after the other. */
async function exportAll(caller: Caller, limit?: number, afterEach?: () => Promise<void>) {
  const records: ExportRecord[] = [];
  let cursor: string | undefined = (await caller.users.start_export()).cursor;
  do {
    const page: ExportPage = await caller.users.export_records({ limit, cursor });
    expect(page.items.length).toBeLessThanOrEqual(limit ?? 500);
    records.push(...page.items);
    await afterEach?.();
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return records;
}

function ofKind(records: readonly ExportRecord[], kind: ExportRecord["kind"]) {
  return records.filter((record) => record.kind === kind).map(({ data }) => data);
}

it("exports everything about a user, as the endpoints return it, in a fixed order", async () => {
  const ada = await signUpWithEverything("ada");
  const records = await exportAll(ada.caller);
  expect([...new Set(records.map(({ kind }) => kind))]).toEqual([
    "profile",
    "wallet",
    "session",
    "second_factor",
    "remembered_device",
    "passkey",
    "identity",
    "api_key",
    "audit_event",
    "transaction",
    "transaction_entry",
    "allocation",
    "suggestion",
  ]);
  expect(ofKind(records, "profile")).toEqual([await ada.caller.users.profile()]);
  expect(ofKind(records, "wallet")).toEqual((await ada.caller.auth.wallets()).items);
  const sessions = ofKind(records, "session");
  expect(sessions).toMatchObject([
    { is_current: false, revoked_at: api.clock().toISOString(), revoke_reason: "logged out" },
    { ...(await ada.caller.auth.sessions()).items[0], revoked_at: null },
  ]);
  expect(ofKind(records, "api_key")).toEqual((await ada.caller.auth.api_keys()).items);
  expect(ofKind(records, "audit_event")).toEqual((await ada.caller.users.audit_log({ limit: 100 })).items);
  const transactions = (await ada.caller.transactions.list()).items;
  expect(transactions).toHaveLength(2);
  expect(ofKind(records, "transaction")).toEqual(transactions);
  expect(ofKind(records, "transaction_entry")).toEqual((await ada.caller.transactions.entries()).items);
  expect(ofKind(records, "allocation")).toEqual((await ada.caller.analytics.allocation_history()).items);
  // All its digits are exported.
  const round = figureRounder(contract.predictions.run_optimization.output);
  expect(ofKind(records, "suggestion").map((suggestion) => round?.(structuredClone(suggestion)))).toEqual([
    ada.suggestion,
  ]);
});

it("exports nothing of another user, and no secrets", async () => {
  const eve = await signUpWithEverything("eve");
  const ada = await signUpWithEverything("ada");
  const { db } = api.deps;
  const passwords = await db.selectFrom("user_passwords").select("hash").execute();
  const text = JSON.stringify(await exportAll(ada.caller));
  expect(text).toContain(ada.email);
  for (const foreign of [eve.id, eve.email, eve.suggestion.id]) expect(text).not.toContain(foreign);
  for (const secret of [password, ada.key, ada.other.refresh_token, ...passwords.map(({ hash }) => hash)]) {
    expect(text).not.toContain(secret);
  }
  const keys = await db.selectFrom("api_keys").select("key_hash as hash").execute();
  const tokens = await db.selectFrom("auth_refresh_tokens").select("token_hash as hash").execute();
  for (const { hash } of [...keys, ...tokens]) {
    for (const encoding of ["hex", "base64", "base64url"] as const) {
      expect(text).not.toContain(Buffer.from(hash).toString(encoding));
    }
  }
});

it("gives the same records page by page, whatever the size of the pages", async () => {
  const ada = await signUpWithEverything("ada");
  const whole = await exportAll(ada.caller);
  const withoutEvents = (records: ExportRecord[]) => records.filter(({ kind }) => kind !== "audit_event");
  for (const limit of [1, 2, 3, 7, whole.length]) {
    const paged = await exportAll(ada.caller, limit);
    expect(withoutEvents(paged)).toEqual(withoutEvents(whole));
    expect(ofKind(paged, "audit_event").slice(-ofKind(whole, "audit_event").length)).toEqual(
      ofKind(whole, "audit_event"),
    );
  }
});

it("repeats and leaves out nothing while more is added between two pages", async () => {
  const ada = await signUpWithEverything("ada");
  const before = await exportAll(ada.caller);
  let number = 16;
  const records = await exportAll(ada.caller, 1, async () => {
    number += 1;
    // Each transaction has an entry of its own: with one for every page, there would be no end for long.
    if (number % 2 === 0) {
      await ada.caller.transactions.create({ tx_hash: `0x${number}`, tx_type: "deposit", amount: "1" });
    }
    await ada.caller.users.update_profile({ full_name: `Ada ${number}` });
    if (number < 30) await linkWallet(ada.id, `0x${String(number).padStart(64, "0")}`);
    if (number > 200) throw new Error("The export does not end.");
  });
  const keys = records.map(({ kind, data }) => `${kind} ${data.id ?? data.position ?? data.wallet_address}`);
  expect(new Set(keys).size).toBe(keys.length);
  for (const { kind, data } of before)
    expect(keys).toContain(`${kind} ${data.id ?? data.position ?? data.wallet_address}`);
});

it("writes one event per export into the audit log, whatever is read of it", async () => {
  const ada = await signUpWithEverything("ada");
  await exportAll(ada.caller, 2);
  const { cursor } = await ada.caller.users.start_export();
  for (const limit of [1, 500]) await ada.caller.users.export_records({ cursor, limit });
  expect((await ada.caller.users.audit_log({ type: "data_exported" })).items).toHaveLength(2);
});

it("exports nothing before an export was begun, on the deprecated path neither", async () => {
  const ada = await signUpWithEverything("ada");
  const { export_records, export_data, start_export } = ada.caller.users;
  expect(await codeOf(export_records())).toBe("EXPORT_NOT_STARTED");
  expect(await codeOf(export_data({ limit: 1 }))).toBe("EXPORT_NOT_STARTED");
  const { cursor } = await start_export();
  expect(await export_data({ cursor })).toEqual(await export_records({ cursor }));
  expect((await ada.caller.users.audit_log({ type: "data_exported" })).items).toHaveLength(1);
});

it("goes on with no export of somebody else, and with none of yesterday", async () => {
  const ada = await signUpWithEverything("ada");
  const eve = await signUpWithEverything("eve");
  const { cursor, started_at, expires_at } = await eve.caller.users.start_export();
  expect(started_at).toBe(api.clock().toISOString());
  expect(await codeOf(ada.caller.users.export_records({ cursor }))).toBe("CURSOR_INVALID");
  expect((await ada.caller.users.audit_log({ type: "data_exported" })).items).toEqual([]);
  const { next_cursor } = await eve.caller.users.export_records({ cursor, limit: 1 });
  const again = async () => (await logIn(api, { email: eve.email })).caller;
  const lifetimeMs = Date.parse(expires_at) - api.clock().getTime();
  expect(lifetimeMs).toBe(24 * 60 * minuteMs);
  api.clock.advance(lifetimeMs - 1);
  const before = await again();
  expect(await codeOf(before.users.export_records({ cursor: next_cursor ?? "" }))).toBeUndefined();
  api.clock.advance(1);
  const after = await again();
  for (const old of [cursor, next_cursor ?? ""]) {
    expect(await codeOf(after.users.export_records({ cursor: old }))).toBe("CURSOR_INVALID");
  }
});

it("refuses a cursor that it did not give", async () => {
  const ada = await signUpWithEverything("ada");
  const { next_cursor } = await ada.caller.transactions.list({ limit: 1 });
  const made = [
    ["export", api.clock().toISOString(), "profile", ""],
    [ada.id, api.clock().toISOString(), "profile", ""],
    [ada.id, api.clock().toISOString(), "session", "made up"],
  ];
  const cursors = [
    next_cursor ?? "",
    ...made.map((key) => Buffer.from(JSON.stringify(key)).toString("base64url")),
  ];
  for (const cursor of cursors) {
    expect(await codeOf(ada.caller.users.export_records({ cursor })), cursor).toBe("CURSOR_INVALID");
  }
});

it("asks for a recent sign-in before it exports", async () => {
  const ada = await signUpWithEverything("ada");
  const { cursor } = await ada.caller.users.start_export();
  api.clock.advance(10 * minuteMs + 1);
  expect(await codeOf(ada.caller.users.start_export())).toBe("REAUTHENTICATION_NEEDED");
  expect(await codeOf(ada.caller.users.export_records({ cursor }))).toBe("REAUTHENTICATION_NEEDED");
});
