import { createTestWallet } from "@obsqra/starknet/testing";
import { describe, expect, it } from "vitest";
import {
  askForReset,
  callerWith,
  codeOf,
  createChainTestApi,
  createTestApi,
  eventTypes,
  link,
  logIn,
  opens,
  readEvents,
  readMails,
  readNewestToken,
  recordStatements,
  removePasswords,
} from "../../testing/index.ts";

const minuteMs = 60_000;
const email = "ada@example.org";
const password = "correct horse battery";
const new_password = "staple that no horse has";

describe("asking for a new password", () => {
  it("sends a link to the address of an account, in a mail that has nothing else of the request", async () => {
    await using api = await createTestApi();
    await api.signUp(email);
    expect(await api.caller().auth.request_password_reset({ email: " ADA@example.org" })).toBeUndefined();
    expect((await readMails(api)).at(-1)).toEqual({
      template: "password_reset",
      to: email,
      token: expect.stringMatching(/^[\w-]{43}$/),
    });
    expect(await eventTypes(api, email)).toContain("password_reset_requested");
  });

  it("responds the same for an address without an account, and sends and keeps nothing", async () => {
    await using api = await createTestApi();
    expect(await api.caller().auth.request_password_reset({ email: "bob@example.org" })).toBeUndefined();
    expect(await readMails(api)).toEqual([]);
    const tokens = await api.deps.db.selectFrom("auth_one_time_tokens").select("purpose").execute();
    expect(tokens).toEqual([]);
  });

  it("takes back what it writes for an unknown address: the links and mails of others stay as they are", async () => {
    await using api = await createTestApi();
    await api.signUp(email);
    await askForReset(api, email);
    const rows = async () => ({
      links: await api.deps.db.selectFrom("auth_one_time_tokens").selectAll().orderBy("token_hash").execute(),
      mails: await api.deps.db.selectFrom("email_outbox").select("id").orderBy("id").execute(),
      events: await eventTypes(api, email),
    });
    const before = await rows();
    for (const unknown of ["abe@example.org", "bob@example.org"]) {
      await api.caller().auth.request_password_reset({ email: unknown });
    }
    expect(await rows()).toEqual(before);
  });

  it("sends the database the same statements for known, unknown and erased addresses", async () => {
    await using api = await createTestApi();
    await api.signUp(email);
    await api.signUp("erased@example.org");
    await api.deps.db
      .updateTable("users")
      .set({ erased_at: api.clock() })
      .where("email", "=", "erased@example.org")
      .execute();
    const seen: string[][] = [];
    for (const address of [email, "bob@example.org", "erased@example.org"]) {
      const { db, statements } = recordStatements(api.deps.db);
      await callerWith(api, { db }).auth.request_password_reset({ email: address });
      seen.push(statements);
    }
    expect(seen[0]?.length).toBeGreaterThan(0);
    const [known, unknown, erased] = seen;
    expect(known?.at(-1)).toBe("release savepoint of_address");
    expect(unknown).toEqual([...(known?.slice(0, -1) ?? []), "rollback to savepoint of_address"]);
    expect(erased).toEqual(unknown);
  });

  it("seals as many mails for an unknown address as for a known one", async () => {
    await using api = await createTestApi();
    await api.signUp(email);
    let sealed = 0;
    const seal = (text: string) => {
      sealed += 1;
      return api.deps.sealer.seal(text);
    };
    const caller = callerWith(api, { sealer: { ...api.deps.sealer, seal } });
    await caller.auth.request_password_reset({ email });
    await caller.auth.request_password_reset({ email: "bob@example.org" });
    expect(sealed).toBe(2);
  });

  it("limits the mails to one address, for known and unknown ones alike", async () => {
    await using api = await createTestApi();
    await api.signUp(email);
    for (const address of [email, "bob@example.org"]) {
      const codes: (string | undefined)[] = [];
      for (let count = 0; count < 4; count++) {
        codes.push(await codeOf(api.caller().auth.request_password_reset({ email: address })));
      }
      expect(codes).toEqual([undefined, undefined, undefined, "TOO_MANY_ATTEMPTS"]);
    }
  });

  it("refuses addresses that would add headers to a mail", async () => {
    await using api = await createTestApi();
    await api.signUp(email);
    const hostile = [
      "ada@example.org\r\nBcc: eve@example.org",
      "ada@example.org\nBcc:eve@example.org",
      "ada@example.org, eve@example.org",
      "Eve <ada@example.org>",
      "ada@example.org\0",
      "ada%0d%0aBcc:eve@example.org@example.org",
    ];
    for (const address of hostile) {
      expect(await codeOf(api.caller().auth.request_password_reset({ email: address }))).toBe(
        "VALIDATION_FAILED",
      );
    }
    expect((await readMails(api)).map(({ template }) => template)).not.toContain("password_reset");
  });
});

describe("setting a new password with an emailed link", () => {
  it("sets it, ends all sessions and signs nobody in", async () => {
    await using api = await createTestApi();
    const ada = await api.signUp(email);
    const eve = await api.signUp("eve@example.org");
    const other = await logIn(api, { email });
    const token = await askForReset(api, email);
    expect(await api.caller().auth.reset_password({ token, new_password })).toBeUndefined();
    expect(await codeOf(ada.auth.me())).toBe("TOKEN_INVALID");
    expect(await codeOf(api.caller().auth.refresh(other))).toBe("REFRESH_TOKEN_INVALID");
    expect(await codeOf(eve.auth.me())).toBeUndefined();
    expect(await opens(api, email, password)).toBe(false);
    expect(await opens(api, email, new_password)).toBe(true);
  });

  it("tells the owner by mail and in the audit log", async () => {
    await using api = await createTestApi();
    await api.signUp(email);
    const token = await askForReset(api, email);
    await api.caller().auth.reset_password({ token, new_password });
    expect((await readMails(api)).at(-1)).toMatchObject({ template: "password_changed", to: email });
    expect(await eventTypes(api, email)).toContain("password_reset");
  });

  it("gives a password to a user who has none", async () => {
    await using api = await createTestApi();
    await api.signUp(email);
    await removePasswords(api);
    const token = await askForReset(api, email);
    await api.caller().auth.reset_password({ token, new_password });
    expect(await opens(api, email, new_password)).toBe(true);
  });

  it("counts as a confirmation of the address", async () => {
    await using api = await createTestApi();
    await api.signUp(email);
    const token = await askForReset(api, email);
    await api.caller().auth.reset_password({ token, new_password });
    const { caller } = await logIn(api, { email, password: new_password });
    expect(await caller.auth.me()).toMatchObject({ is_verified: true });
  });

  it("works once, and lets one of parallel uses win", async () => {
    await using api = await createTestApi();
    await api.signUp(email);
    const token = await askForReset(api, email);
    const candidates = [1, 2, 3, 4].map((number) => `${new_password} ${number}`);
    const reset = (candidate: string) =>
      codeOf(api.caller().auth.reset_password({ token, new_password: candidate }));
    const codes = await Promise.all(candidates.map(reset));
    expect(codes.filter((code) => code === "ONE_TIME_TOKEN_INVALID")).toHaveLength(3);
    expect(await opens(api, email, candidates[codes.indexOf(undefined)] ?? "")).toBe(true);
    expect(await reset(new_password)).toBe("ONE_TIME_TOKEN_INVALID");
  });

  it("works for 30 minutes", async () => {
    await using api = await createTestApi();
    await api.signUp(email);
    const token = await askForReset(api, email);
    api.clock.advance(30 * minuteMs);
    expect(await codeOf(api.caller().auth.reset_password({ token, new_password }))).toBe(
      "ONE_TIME_TOKEN_INVALID",
    );
    const later = await askForReset(api, email);
    api.clock.advance(30 * minuteMs - 1);
    expect(await codeOf(api.caller().auth.reset_password({ token: later, new_password }))).toBeUndefined();
  });

  it("ends with a newer link", async () => {
    await using api = await createTestApi();
    await api.signUp(email);
    const token = await askForReset(api, email);
    const newer = await askForReset(api, email);
    expect(await codeOf(api.caller().auth.reset_password({ token, new_password }))).toBe(
      "ONE_TIME_TOKEN_INVALID",
    );
    expect(await codeOf(api.caller().auth.reset_password({ token: newer, new_password }))).toBeUndefined();
  });

  it("stays usable when the password is refused", async () => {
    await using api = await createTestApi();
    await api.signUp(email);
    const token = await askForReset(api, email);
    expect(await codeOf(api.caller().auth.reset_password({ token, new_password: "password123" }))).toBe(
      "PASSWORD_REJECTED",
    );
    expect(await codeOf(api.caller().auth.reset_password({ token, new_password }))).toBeUndefined();
  });

  it("hashes nothing for a token that is not valid", async () => {
    await using api = await createTestApi();
    let hashes = 0;
    const hash = async (text: string) => {
      hashes += 1;
      return api.deps.passwordHasher.hash(text);
    };
    const caller = callerWith(api, { passwordHasher: { ...api.deps.passwordHasher, hash } });
    expect(await codeOf(caller.auth.reset_password({ token: "nonsense", new_password }))).toBe(
      "ONE_TIME_TOKEN_INVALID",
    );
    expect(hashes).toBe(0);
  });

  it("ends with the address it was sent to", async () => {
    await using api = await createTestApi();
    await api.signUp(email);
    const token = await askForReset(api, email);
    await api.deps.db.updateTable("users").set({ email: "ada.lovelace@example.org" }).execute();
    expect(await codeOf(api.caller().auth.reset_password({ token, new_password }))).toBe(
      "ONE_TIME_TOKEN_INVALID",
    );
  });

  it("ends with the account, to which no further one is sent", async () => {
    await using api = await createTestApi();
    await api.signUp(email);
    const token = await askForReset(api, email);
    await api.deps.db.updateTable("users").set({ erased_at: api.clock() }).execute();
    expect(await codeOf(api.caller().auth.reset_password({ token, new_password }))).toBe(
      "ONE_TIME_TOKEN_INVALID",
    );
    expect(await askForReset(api, email)).toBe(token);
  });

  it("ends API keys of an intruder who registered the address, also when its owner has confirmed it meanwhile", async () => {
    await using api = await createTestApi();
    const intruder = await api.signUp(email);
    const { key } = await intruder.auth.create_api_key({ name: "Way back in", scopes: ["users:read"] });
    api.clock.advance(minuteMs);
    await api.caller().auth.verify_email({ token: await readNewestToken(api, "email_verification") });
    await api.caller().auth.reset_password({ token: await askForReset(api, email), new_password });
    expect(await codeOf(api.caller(key).users.profile())).toBe("API_KEY_INVALID");
  });

  it("revokes API keys, unless it is asked to keep them; those from before the address was confirmed in any case", async () => {
    await using api = await createTestApi();
    const intruder = await api.signUp(email);
    const key = { name: "Report", scopes: ["users:read" as const], expires_in_days: 90 };
    const early = await intruder.auth.create_api_key(key);
    const first = await askForReset(api, email);
    await api.caller().auth.reset_password({ token: first, new_password, keep_api_keys: true });
    expect(await codeOf(api.caller(early.key).auth.me())).toBe("API_KEY_INVALID");
    expect((await readMails(api)).at(-1)).toMatchObject({ api_keys: "revoked" });

    const { caller: ada } = await logIn(api, { email, password: new_password });
    const late = await ada.auth.create_api_key(key);
    const second = await askForReset(api, email);
    await api.caller().auth.reset_password({ token: second, new_password: password, keep_api_keys: true });
    expect(await codeOf(api.caller(late.key).auth.me())).toBeUndefined();
    expect((await readMails(api)).at(-1)).toMatchObject({ api_keys: "kept" });
    const third = await askForReset(api, email);
    await api.caller().auth.reset_password({ token: third, new_password });
    expect(await codeOf(api.caller(late.key).auth.me())).toBe("API_KEY_INVALID");
    const resets = (await readEvents(api, email)).filter(({ type }) => type === "password_reset");
    expect(resets.map(({ details }) => details)).toEqual(
      [1, 0, 1].map((api_keys_revoked) => ({ api_keys_revoked, wallets_unlinked: [] })),
    );
  });

  it("unlinks wallets that a stranger may have linked before anybody had confirmed the address, and no others", async () => {
    const wallet = createTestWallet({ privateKey: "0x1234567890abcdef" });
    await using api = await createChainTestApi({ accounts: [wallet.account] });
    await link(await api.signUp(email), wallet);
    const first = await askForReset(api, email);
    await api.caller().auth.reset_password({ token: first, new_password });
    const { caller: ada } = await logIn(api, { email, password: new_password });
    expect(await ada.auth.me()).toMatchObject({ wallet_address: null });
    expect((await ada.auth.wallets()).items).toEqual([]);
    expect(await readEvents(api, email)).toContainEqual({
      type: "password_reset",
      details: { api_keys_revoked: 0, wallets_unlinked: [wallet.address] },
    });

    await link(ada, wallet);
    const second = await askForReset(api, email);
    await api.caller().auth.reset_password({ token: second, new_password: password });
    const again = await logIn(api, { email });
    expect(await again.caller.auth.me()).toMatchObject({ wallet_address: wallet.address });
  });

  it("leaves nothing that was pending before: links, changes of address and challenges", async () => {
    const wallet = createTestWallet({ privateKey: "0x1234567890abcdef" });
    await using api = await createChainTestApi({ accounts: [wallet.account] });
    const intruder = await api.signUp(email);
    await intruder.auth.wallet_challenge({ wallet_address: wallet.address });
    await intruder.auth.request_email_change({ new_email: "eve@example.org" });
    const token = await askForReset(api, email);
    await api.caller().auth.reset_password({ token, new_password });
    expect(await api.deps.db.selectFrom("auth_one_time_tokens").select("purpose").execute()).toEqual([]);
  });
});
