import { hash as bcryptHash } from "@node-rs/bcrypt";
import { recordStatements } from "@obsqra/platform/testing";
import { expect, it } from "vitest";
import { callerWith, codeOf, createTestApi, eventTypes } from "../../testing/index.ts";
import { ada, hashOf, setHash } from "../../testing/stored-password.ts";
import { createPasswordHasher, type PasswordHasher } from "../passwords/password-hasher.ts";

it("does the same for a wrong password as for an unknown email: the same statements, one hash compared", async () => {
  await using api = await createTestApi();
  await api.caller().auth.register(ada);
  const workOf = async (email: string) => {
    const { db, statements } = recordStatements(api.deps.db);
    let compared = 0;
    const passwordHasher: PasswordHasher = {
      ...api.deps.passwordHasher,
      verify: (hash, password) => {
        compared += 1;
        return api.deps.passwordHasher.verify(hash, password);
      },
    };
    const code = await codeOf(
      callerWith(api, { db, passwordHasher }).auth.login({ email, password: "wrong" }),
    );
    return { code, statements, compared };
  };
  const wrong = await workOf(ada.email);
  expect(wrong).toMatchObject({ code: "CREDENTIALS_INVALID", compared: 1 });
  expect(wrong.statements.length).toBeGreaterThan(0);
  const end = "savepoint of_address";
  expect(wrong.statements.at(-1)).toBe(`release ${end}`);
  const statements = [...wrong.statements.slice(0, -1), `rollback to ${end}`];
  expect(await workOf("bob@example.org")).toEqual({ ...wrong, statements });
});

it("keeps nothing of a login with an unknown email but its counters", async () => {
  await using api = await createTestApi();
  await api.caller().auth.register(ada);
  const counters = async () => (await api.deps.db.selectFrom("auth_throttle").select("key").execute()).length;
  const events = await eventTypes(api, ada.email);
  const before = await counters();
  for (const email of ["abe@example.org", "bob@example.org"]) {
    expect(await codeOf(api.caller().auth.login({ email, password: "wrong" }))).toBe("CREDENTIALS_INVALID");
  }
  expect(await eventTypes(api, ada.email)).toEqual(events);
  // One of each email, and one of the address both came from.
  expect((await counters()) - before).toBe(3);
  await codeOf(api.caller().auth.login({ ...ada, password: "wrong" }));
  expect(await eventTypes(api, ada.email)).toEqual([...events, "login_failed"]);
});

it("checks no password beyond the limit, however many attempts come at once", async () => {
  const hasher = await createPasswordHasher();
  let checked = 0;
  const passwordHasher: PasswordHasher = {
    ...hasher,
    verify: (hash, password) => {
      checked += 1;
      return hasher.verify(hash, password);
    },
  };
  await using api = await createTestApi({ passwordHasher });
  await api.caller().auth.register(ada);
  const codes = await Promise.all(
    Array.from({ length: 30 }, () => codeOf(api.caller().auth.login({ ...ada, password: "wrong" }))),
  );
  expect(codes.filter((code) => code === "CREDENTIALS_INVALID")).toHaveLength(5);
  expect(codes.filter((code) => code === "TOO_MANY_ATTEMPTS")).toHaveLength(25);
  expect(checked).toBe(5);
});

it("refuses a login whose password is changed while it is checked", async () => {
  const hasher = await createPasswordHasher();
  let afterChecking: () => Promise<void> = async () => {};
  const passwordHasher: PasswordHasher = {
    ...hasher,
    verify: async (hash, password) => {
      const matches = await hasher.verify(hash, password);
      await afterChecking();
      return matches;
    },
  };
  await using api = await createTestApi({ passwordHasher });
  await api.caller().auth.register(ada);
  const changed = await hasher.hash("another long password");
  afterChecking = () => setHash(api, changed);
  expect(await codeOf(api.caller().auth.login(ada))).toBe("CREDENTIALS_INVALID");
  const sessions = await api.deps.db.selectFrom("auth_sessions").select("id").execute();
  expect(sessions).toHaveLength(1);
});

it("accepts a bcrypt hash of the original backend and replaces it, also when two logins do so at once", async () => {
  await using api = await createTestApi();
  await api.caller().auth.register(ada);
  await setHash(api, await bcryptHash(ada.password, { cost: 4 }));
  const codes = await Promise.all([
    codeOf(api.caller().auth.login(ada)),
    codeOf(api.caller().auth.login(ada)),
  ]);
  expect(codes).toEqual([undefined, undefined]);
  expect(await hashOf(api)).toMatch(/^\$argon2id\$/);
  expect(await codeOf(api.caller().auth.login(ada))).toBeUndefined();
});
