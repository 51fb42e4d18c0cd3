import { describe, expect, it } from "vitest";
import {
  askForVerification,
  callerWith,
  codeOf,
  confirmChange,
  createTestApi,
  errorOf,
  readEvents,
  readMails,
  readNewestToken,
  recordStatements,
  signUpVerified,
  type TestApi,
} from "../../testing/index.ts";

const hourMs = 60 * 60_000;
const email = "ada@example.org";
const new_email = "lovelace@example.org";
const new_password = "staple that no horse has";

type Caller = ReturnType<TestApi["caller"]>;

/** Both links of a change of address of a user with a confirmed one. */
async function askForChange(api: TestApi, caller: Caller, address = new_email) {
  await caller.auth.request_email_change({ new_email: address });
  return {
    old: await readNewestToken(api, "email_change_old"),
    new: await readNewestToken(api, "email_change_new"),
  };
}

/** The mails since some number of them. */
async function mailsAfter(api: TestApi, count: number) {
  return (await readMails(api)).slice(count);
}

describe("changing an address", () => {
  it("changes it when both mailboxes have confirmed, in either order", async () => {
    for (const order of [["old", "new"] as const, ["new", "old"] as const]) {
      await using api = await createTestApi();
      const ada = await signUpVerified(api, email);
      const links = await askForChange(api, ada);
      expect(await confirmChange(api, links[order[0]])).toBe("waiting");
      expect(await ada.auth.me()).toMatchObject({ email });
      api.clock.advance(1000);
      expect(await confirmChange(api, links[order[1]])).toBe("changed");
      expect(await ada.auth.me()).toMatchObject({ email: new_email, is_verified: true });
    }
  });

  it("tells the old mailbox the new address, and the new mailbox nothing of the old one", async () => {
    await using api = await createTestApi();
    const ada = await signUpVerified(api, email);
    const before = (await readMails(api)).length;
    const links = await askForChange(api, ada);
    expect(await mailsAfter(api, before)).toEqual([
      { template: "email_change_old", to: email, token: links.old, new_email },
      { template: "email_change_new", to: new_email, token: links.new },
    ]);
  });

  it("tells the old mailbox when it is done, and the audit log every step, without addresses", async () => {
    await using api = await createTestApi();
    const ada = await signUpVerified(api, email);
    const links = await askForChange(api, ada);
    await confirmChange(api, links.new);
    await confirmChange(api, links.old);
    expect((await readMails(api)).at(-1)).toEqual({ template: "email_changed", to: email, new_email });
    expect((await readEvents(api, new_email)).slice(-4)).toEqual([
      { type: "email_change_requested", details: {} },
      { type: "email_change_confirmed", details: { mailbox: "new" } },
      { type: "email_change_confirmed", details: { mailbox: "old" } },
      { type: "email_changed", details: {} },
    ]);
  });

  it("gives each mailbox its own status when both confirm at the same moment, every time", async () => {
    await using api = await createTestApi();
    const ada = await signUpVerified(api, email);
    for (let round = 1; round <= 8; round++) {
      const address = `ada${round}@example.org`;
      const links = await askForChange(api, ada, address);
      const statuses = await Promise.all([confirmChange(api, links.old), confirmChange(api, links.new)]);
      expect(statuses.sort()).toEqual(["changed", "waiting"]);
      expect(await ada.auth.me()).toMatchObject({ email: address });
    }
  });

  it("accepts each link once: one mailbox cannot confirm for both", async () => {
    await using api = await createTestApi();
    const ada = await signUpVerified(api, email);
    const links = await askForChange(api, ada);
    for (const link of [links.old, links.new]) {
      const codes = await Promise.all(
        [1, 2, 3].map(() => codeOf(api.caller().auth.confirm_email_change({ token: link }))),
      );
      expect(codes.filter((code) => code === "ONE_TIME_TOKEN_INVALID")).toHaveLength(2);
      expect(await ada.auth.me()).toMatchObject({ email: link === links.old ? email : new_email });
    }
  });

  it("asks only the new mailbox when the old one was never confirmed, and tells the old one", async () => {
    await using api = await createTestApi();
    const ada = await api.signUp(email);
    const before = (await readMails(api)).length;
    await ada.auth.request_email_change({ new_email });
    const token = await readNewestToken(api, "email_change_new");
    expect(await mailsAfter(api, before)).toEqual([
      { template: "email_change_notice", to: email, new_email },
      { template: "email_change_new", to: new_email, token },
    ]);
    expect(await confirmChange(api, token)).toBe("changed");
    expect(await ada.auth.me()).toMatchObject({ email: new_email, is_verified: true });
  });

  it("lets the new address sign in, and the old one no longer", async () => {
    await using api = await createTestApi();
    const ada = await signUpVerified(api, email);
    const links = await askForChange(api, ada);
    await confirmChange(api, links.old);
    await confirmChange(api, links.new);
    const password = "correct horse battery";
    expect(await codeOf(api.caller().auth.login({ email, password }))).toBe("CREDENTIALS_INVALID");
    expect(await codeOf(api.caller().auth.login({ email: new_email, password }))).toBeUndefined();
  });

  it("ends links that were sent to the old address", async () => {
    await using api = await createTestApi();
    const ada = await api.signUp(email);
    const verification = await askForVerification(api, ada);
    await api.caller().auth.request_password_reset({ email });
    const reset = await readNewestToken(api, "password_reset");
    await ada.auth.request_email_change({ new_email });
    await confirmChange(api, await readNewestToken(api, "email_change_new"));
    expect(await codeOf(api.caller().auth.verify_email({ token: verification }))).toBe(
      "ONE_TIME_TOKEN_INVALID",
    );
    expect(await codeOf(api.caller().auth.reset_password({ token: reset, new_password }))).toBe(
      "ONE_TIME_TOKEN_INVALID",
    );
    expect(await api.deps.db.selectFrom("auth_one_time_tokens").select("purpose").execute()).toEqual([]);
  });

  it("works for 24 hours", async () => {
    await using api = await createTestApi();
    const ada = await signUpVerified(api, email);
    const links = await askForChange(api, ada);
    api.clock.advance(24 * hourMs - 1);
    expect(await confirmChange(api, links.old)).toBe("waiting");
    api.clock.advance(1);
    expect(await codeOf(confirmChange(api, links.new))).toBe("ONE_TIME_TOKEN_INVALID");
  });

  it("follows the newest request only, and forgets what was confirmed of an older one", async () => {
    await using api = await createTestApi();
    const ada = await signUpVerified(api, email);
    const first = await askForChange(api, ada);
    expect(await confirmChange(api, first.old)).toBe("waiting");
    const second = await askForChange(api, ada, "countess@example.org");
    expect(await codeOf(confirmChange(api, first.new))).toBe("ONE_TIME_TOKEN_INVALID");
    expect(await confirmChange(api, second.new)).toBe("waiting");
    expect(await confirmChange(api, second.old)).toBe("changed");
    expect(await ada.auth.me()).toMatchObject({ email: "countess@example.org" });
  });

  it("tells a user who enters the address they have", async () => {
    await using api = await createTestApi();
    const ada = await api.signUp(email);
    const before = (await readMails(api)).length;
    expect(await errorOf(ada.auth.request_email_change({ new_email: " ADA@example.org " }))).toMatchObject({
      code: "VALIDATION_FAILED",
      details: { issues: [{ path: "new_email", message: "this is your address already" }] },
    });
    expect(await mailsAfter(api, before)).toEqual([]);
  });

  it("asks for a recent sign-in", async () => {
    await using api = await createTestApi();
    const ada = await api.signUp(email);
    api.clock.advance(10 * 60_000 + 1);
    expect(await codeOf(ada.auth.request_email_change({ new_email }))).toBe("REAUTHENTICATION_NEEDED");
  });

  it("limits the mails that an address can be sent", async () => {
    await using api = await createTestApi();
    const ada = await api.signUp(email);
    const codes: (string | undefined)[] = [];
    for (let count = 0; count < 4; count++) {
      codes.push(await codeOf(ada.auth.request_email_change({ new_email })));
    }
    expect(codes).toEqual([undefined, undefined, undefined, "TOO_MANY_ATTEMPTS"]);
  });

  it("refuses addresses that would add headers to a mail", async () => {
    await using api = await createTestApi();
    const ada = await api.signUp(email);
    const before = (await readMails(api)).length;
    for (const address of [
      "x@example.org\r\nBcc: eve@example.org",
      "Eve <x@example.org>",
      "x@a.org,y@b.org",
    ]) {
      expect(await codeOf(ada.auth.request_email_change({ new_email: address }))).toBe("VALIDATION_FAILED");
    }
    expect(await mailsAfter(api, before)).toEqual([]);
  });

  it("changes nothing for an account that was erased", async () => {
    await using api = await createTestApi();
    const links = await askForChange(api, await signUpVerified(api, email));
    await api.deps.db.updateTable("users").set({ erased_at: api.clock() }).execute();
    expect(await codeOf(confirmChange(api, links.old))).toBe("ONE_TIME_TOKEN_INVALID");
    expect(await codeOf(confirmChange(api, links.new))).toBe("ONE_TIME_TOKEN_INVALID");
  });
});

describe("changing to an address that has an account", () => {
  it("looks the same as changing to a free one, tells its owner, and changes nothing", async () => {
    await using api = await createTestApi();
    const eve = await api.signUp(new_email);
    const ada = await signUpVerified(api, email);
    const before = (await readMails(api)).length;
    expect(await ada.auth.request_email_change({ new_email })).toBeUndefined();
    const token = await readNewestToken(api, "email_change_old");
    expect(await mailsAfter(api, before)).toEqual([
      { template: "email_change_old", to: email, token, new_email },
      { template: "email_in_use", to: new_email },
    ]);
    expect(await confirmChange(api, token)).toBe("waiting");
    expect(await ada.auth.me()).toMatchObject({ email });
    expect(await eve.auth.me()).toMatchObject({ email: new_email });
  });

  it("sends the requester's mailbox the same mails as for a free one when it was never confirmed", async () => {
    await using api = await createTestApi();
    await api.signUp(new_email);
    const ada = await api.signUp(email);
    const before = (await readMails(api)).length;
    await ada.auth.request_email_change({ new_email });
    await ada.auth.request_email_change({ new_email: "free@example.org" });
    const own = (await mailsAfter(api, before)).filter(({ to }) => to === email);
    expect(own).toEqual([
      { template: "email_change_notice", to: email, new_email },
      { template: "email_change_notice", to: email, new_email: "free@example.org" },
    ]);
  });

  it("sends the database the same statements as for a free one", async () => {
    await using api = await createTestApi();
    await api.signUp(new_email);
    const tokens = await api.caller().auth.register({ email, password: new_password, full_name: "Ada" });
    const seen: string[][] = [];
    for (const address of [new_email, "free@example.org"]) {
      const { db, statements } = recordStatements(api.deps.db);
      await callerWith(api, { db }, tokens.access_token).auth.request_email_change({ new_email: address });
      seen.push(statements);
    }
    expect(seen[0]?.length).toBeGreaterThan(0);
    expect(seen[1]).toEqual(seen[0]);
  });

  it("refuses the last link alike when the address has got an account meanwhile", async () => {
    await using api = await createTestApi();
    const ada = await signUpVerified(api, email);
    const links = await askForChange(api, ada);
    expect(await confirmChange(api, links.old)).toBe("waiting");
    await api.signUp(new_email);
    expect(await codeOf(confirmChange(api, links.new))).toBe("ONE_TIME_TOKEN_INVALID");
    expect(await ada.auth.me()).toMatchObject({ email });
  });

  it("lets one of two users have an address that both confirm at the same moment", async () => {
    await using api = await createTestApi();
    const links: string[] = [];
    for (const address of [email, "eve@example.org"]) {
      const caller = await api.signUp(address);
      await caller.auth.request_email_change({ new_email });
      links.push(await readNewestToken(api, "email_change_new"));
    }
    const codes = await Promise.all(links.map((token) => codeOf(confirmChange(api, token))));
    expect(codes.sort()).toEqual(["ONE_TIME_TOKEN_INVALID", undefined]);
  });
});
