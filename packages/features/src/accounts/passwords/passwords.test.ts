import { describe, expect, it } from "vitest";
import {
  askForReset,
  callerWith,
  codeOf,
  createTestApi,
  errorOf,
  eventTypes,
  logIn,
  opens,
  readEvents,
  readMails,
  readNewestToken,
  removePasswords,
} from "../../testing/index.ts";

const minuteMs = 60_000;
const email = "ada@example.org";
const password = "correct horse battery";
const new_password = "staple that no horse has";

describe("giving the password again", () => {
  it("starts a session in the place of the one that asks", async () => {
    await using api = await createTestApi();
    await api.signUp(email);
    const before = await logIn(api, { email });
    const tokens = await before.caller.auth.reauthenticate({ password });
    expect(await api.caller(tokens.access_token).auth.me()).toMatchObject({ email });
    expect(await codeOf(api.caller().auth.refresh(tokens))).toBeUndefined();
    expect(await codeOf(before.caller.auth.me())).toBe("TOKEN_INVALID");
    expect(await codeOf(api.caller().auth.refresh(before))).toBe("REFRESH_TOKEN_INVALID");
    expect(await eventTypes(api, email)).toContain("reauthenticated");
  });

  it("counts as a recent sign-in", async () => {
    await using api = await createTestApi();
    const ada = await api.signUp(email);
    api.clock.advance(11 * minuteMs);
    expect(await codeOf(ada.auth.logout_everywhere())).toBe("REAUTHENTICATION_NEEDED");
    const tokens = await ada.auth.reauthenticate({ password });
    expect(await codeOf(api.caller(tokens.access_token).auth.logout_everywhere())).toBeUndefined();
  });

  it("refuses a wrong password and keeps the session", async () => {
    await using api = await createTestApi();
    const ada = await api.signUp(email);
    expect(await codeOf(ada.auth.reauthenticate({ password: "wrong" }))).toBe("PASSWORD_WRONG");
    expect(await codeOf(ada.auth.me())).toBeUndefined();
    expect(await eventTypes(api, email)).not.toContain("reauthenticated");
  });

  it("refuses any password of a user who has none", async () => {
    await using api = await createTestApi();
    const ada = await api.signUp(email);
    await removePasswords(api);
    expect(await codeOf(ada.auth.reauthenticate({ password }))).toBe("PASSWORD_WRONG");
    expect(await codeOf(ada.auth.change_password({ current_password: password, new_password }))).toBe(
      "PASSWORD_WRONG",
    );
  });

  it("limits how often a password can be guessed with a stolen session, also by changing it", async () => {
    await using api = await createTestApi();
    const ada = await api.signUp(email);
    for (let attempt = 0; attempt < 4; attempt++) {
      expect(await codeOf(ada.auth.reauthenticate({ password: "wrong" }))).toBe("PASSWORD_WRONG");
    }
    const wrong = { current_password: "wrong", new_password };
    expect(await codeOf(ada.auth.change_password(wrong))).toBe("PASSWORD_WRONG");
    expect(await codeOf(ada.auth.change_password(wrong))).toBe("TOO_MANY_ATTEMPTS");
    expect(await codeOf(ada.auth.reauthenticate({ password }))).toBe("TOO_MANY_ATTEMPTS");
  });

  it("forgets earlier attempts once the password was right", async () => {
    await using api = await createTestApi();
    let ada = await api.signUp(email);
    for (let round = 0; round < 2; round++) {
      for (let attempt = 0; attempt < 4; attempt++)
        await codeOf(ada.auth.reauthenticate({ password: "wrong" }));
      ada = api.caller((await ada.auth.reauthenticate({ password })).access_token);
    }
    expect(await codeOf(ada.auth.me())).toBeUndefined();
  });

  it("refuses a password that is changed while it is checked", async () => {
    await using api = await createTestApi();
    await api.signUp(email);
    const { access_token, caller } = await logIn(api, { email });
    const verify = async (hash: string | undefined, candidate: string) => {
      const matches = await api.deps.passwordHasher.verify(hash, candidate);
      await caller.auth.change_password({ current_password: password, new_password });
      return matches;
    };
    const changing = callerWith(
      api,
      { passwordHasher: { ...api.deps.passwordHasher, verify } },
      access_token,
    );
    expect(await codeOf(changing.auth.reauthenticate({ password }))).toBe("PASSWORD_WRONG");
    expect(await codeOf(caller.auth.me())).toBeUndefined();
  });

  it("gives one session to parallel calls of one session", async () => {
    await using api = await createTestApi();
    const ada = await api.signUp(email);
    const codes = await Promise.all(
      Array.from({ length: 4 }, () => codeOf(ada.auth.reauthenticate({ password }))),
    );
    expect(codes.sort()).toEqual([...Array.from({ length: 3 }, () => "TOKEN_INVALID"), undefined]);
  });
});

describe("changing the password", () => {
  it("lets the new password in and the old one no longer", async () => {
    await using api = await createTestApi();
    const ada = await api.signUp(email);
    await ada.auth.change_password({ current_password: password, new_password });
    expect(await opens(api, email, password)).toBe(false);
    expect(await opens(api, email, new_password)).toBe(true);
  });

  it("ends all other sessions and keeps the one that asks", async () => {
    await using api = await createTestApi();
    const ada = await api.signUp(email);
    const eve = await api.signUp("eve@example.org");
    const other = await logIn(api, { email });
    await ada.auth.change_password({ current_password: password, new_password });
    expect(await codeOf(ada.auth.me())).toBeUndefined();
    expect(await codeOf(eve.auth.me())).toBeUndefined();
    expect(await codeOf(other.caller.auth.me())).toBe("TOKEN_INVALID");
    expect(await codeOf(api.caller().auth.refresh(other))).toBe("REFRESH_TOKEN_INVALID");
  });

  it("changes nothing without the current password", async () => {
    await using api = await createTestApi();
    const ada = await api.signUp(email);
    const other = await logIn(api, { email });
    expect(await codeOf(ada.auth.change_password({ current_password: "wrong", new_password }))).toBe(
      "PASSWORD_WRONG",
    );
    expect(await opens(api, email, password)).toBe(true);
    expect(await codeOf(other.caller.auth.me())).toBeUndefined();
  });

  it("refuses a password made of the owner's name or address, or a common one, and changes nothing", async () => {
    await using api = await createTestApi();
    const ada = await api.signUp("ada.lovelace@example.org");
    const refused = { lovelace123: "personal", password123: "common" };
    for (const [candidate, reason] of Object.entries(refused)) {
      const change = { current_password: password, new_password: candidate };
      expect(await errorOf(ada.auth.change_password(change))).toMatchObject({
        code: "PASSWORD_REJECTED",
        details: { reason },
      });
    }
    expect(await codeOf(ada.auth.reauthenticate({ password }))).toBeUndefined();
  });

  it("lets one of parallel changes win, and its password is the one that counts", async () => {
    await using api = await createTestApi();
    await api.signUp(email);
    const candidates = [1, 2, 3].map((number) => `${new_password} ${number}`);
    const sessions = await Promise.all(candidates.map(() => logIn(api, { email })));
    const codes = await Promise.all(
      sessions.map(({ caller }, index) =>
        codeOf(
          caller.auth.change_password({
            current_password: password,
            new_password: candidates[index] ?? "",
          }),
        ),
      ),
    );
    const winner = codes.indexOf(undefined);
    // Whoever comes after the winner has either lost the hash or, by then, the session.
    expect(codes.filter((code) => code === "PASSWORD_WRONG" || code === "TOKEN_INVALID")).toHaveLength(2);
    expect(await opens(api, email, candidates[winner] ?? "")).toBe(true);
    const alive = await Promise.all(sessions.map(({ caller }) => codeOf(caller.auth.me())));
    expect(alive.filter((code) => code === undefined)).toHaveLength(1);
    expect(alive[winner]).toBeUndefined();
  });

  it("leaves no other session working when refreshes race with it", async () => {
    await using api = await createTestApi();
    const ada = await api.signUp(email);
    const others = await Promise.all(Array.from({ length: 4 }, () => logIn(api, { email })));
    const [changed, ...refreshed] = await Promise.allSettled([
      ada.auth.change_password({ current_password: password, new_password }),
      ...others.map((other) => api.caller().auth.refresh(other)),
    ]);
    expect(changed.status).toBe("fulfilled");
    for (const result of refreshed) {
      if (result.status === "rejected") continue;
      expect(await codeOf(api.caller(result.value.access_token).auth.me())).toBe("TOKEN_INVALID");
      expect(await codeOf(api.caller().auth.refresh(result.value))).toBe("REFRESH_TOKEN_INVALID");
    }
    expect((await ada.auth.sessions()).items).toHaveLength(1);
  });

  it("leaves no session working that the old password begins meanwhile", async () => {
    await using api = await createTestApi();
    const ada = await api.signUp(email);
    const given = await Promise.all(Array.from({ length: 3 }, () => logIn(api, { email })));
    await Promise.allSettled([
      ada.auth.change_password({ current_password: password, new_password }),
      ...given.map(({ caller }) => caller.auth.reauthenticate({ password })),
      ...given.map(() => logIn(api, { email })),
    ]);
    expect((await ada.auth.sessions()).items).toHaveLength(1);
  });

  it("ends links for another password and changes of address that are under way", async () => {
    await using api = await createTestApi();
    const ada = await api.signUp(email);
    const token = await askForReset(api, email);
    await ada.auth.request_email_change({ new_email: "eve@example.org" });
    const change = await readNewestToken(api, "email_change_new");
    await ada.auth.change_password({ current_password: password, new_password });
    expect(await codeOf(api.caller().auth.reset_password({ token, new_password }))).toBe(
      "ONE_TIME_TOKEN_INVALID",
    );
    expect(await codeOf(api.caller().auth.confirm_email_change({ token: change }))).toBe(
      "ONE_TIME_TOKEN_INVALID",
    );
  });

  it("tells the owner by mail and in the audit log", async () => {
    await using api = await createTestApi();
    const ada = await api.signUp(email);
    await ada.auth.change_password({ current_password: password, new_password });
    expect((await readMails(api)).at(-1)).toEqual({
      template: "password_changed",
      to: email,
      at: "2026-01-15T12:00:00.000Z",
      api_keys: "revoked",
    });
    const details = { api_keys_revoked: 0 };
    expect(await readEvents(api, email)).toContainEqual({ type: "password_changed", details });
  });

  it("revokes API keys, which somebody else may have made, unless it is asked to keep them", async () => {
    await using api = await createTestApi();
    const ada = await api.signUp(email);
    const eve = await api.signUp("eve@example.org");
    const report = { name: "Report", scopes: ["users:read" as const] };
    const [kept, ofEve] = [await ada.auth.create_api_key(report), await eve.auth.create_api_key(report)];
    await ada.auth.change_password({ current_password: password, new_password, keep_api_keys: true });
    expect(await codeOf(api.caller(kept.key).auth.me())).toBeUndefined();
    expect((await readMails(api)).at(-1)).toMatchObject({ api_keys: "kept" });
    await ada.auth.change_password({ current_password: new_password, new_password: password });
    expect(await codeOf(api.caller(kept.key).auth.me())).toBe("API_KEY_INVALID");
    expect(await codeOf(api.caller(ofEve.key).auth.me())).toBeUndefined();
    expect(await readEvents(api, email)).toContainEqual({
      type: "password_changed",
      details: { api_keys_revoked: 1 },
    });
  });
});
