import { describe, expect, it } from "vitest";
import {
  askForVerification,
  codeOf,
  confirmChange,
  createTestApi,
  readEvents,
  readMails,
  readNewestToken,
  signUpVerified,
  type TestApi,
} from "../../testing/index.ts";

const hourMs = 60 * 60_000;
const email = "ada@example.org";
const new_email = "lovelace@example.org";

/** The mails since some number of them. */
async function mailsAfter(api: TestApi, count: number) {
  return (await readMails(api)).slice(count);
}

describe("confirming an address", () => {
  it("confirms it with the emailed link, in a mail that has nothing else of the request", async () => {
    await using api = await createTestApi();
    const ada = await api.signUp(email);
    const token = await askForVerification(api, ada);
    expect((await readMails(api)).at(-1)).toEqual({ template: "email_verification", to: email, token });
    expect(await ada.auth.me()).toMatchObject({ is_verified: false });
    expect(await api.caller().auth.verify_email({ token })).toBeUndefined();
    expect(await ada.auth.me()).toMatchObject({ is_verified: true });
    const types = (await readEvents(api, email)).map(({ type }) => type);
    expect(types).toEqual(expect.arrayContaining(["email_verification_requested", "email_verified"]));
  });

  it("works with the link that registering sends", async () => {
    await using api = await createTestApi();
    const ada = await api.signUp(email);
    await api.caller().auth.verify_email({ token: await readNewestToken(api, "email_verification") });
    expect(await ada.auth.me()).toMatchObject({ is_verified: true });
  });

  it("sends nothing to an address that is confirmed", async () => {
    await using api = await createTestApi();
    const ada = await signUpVerified(api, email);
    const before = (await readMails(api)).length;
    await ada.auth.request_email_verification();
    expect(await mailsAfter(api, before)).toEqual([]);
  });

  it("accepts a link once, and of parallel uses one", async () => {
    await using api = await createTestApi();
    const ada = await api.signUp(email);
    const token = await askForVerification(api, ada);
    const use = () => codeOf(api.caller().auth.verify_email({ token }));
    const codes = await Promise.all([use(), use(), use()]);
    expect(codes.sort()).toEqual(["ONE_TIME_TOKEN_INVALID", "ONE_TIME_TOKEN_INVALID", undefined]);
    expect(await use()).toBe("ONE_TIME_TOKEN_INVALID");
    const verified = (await readEvents(api, email)).filter(({ type }) => type === "email_verified");
    expect(verified).toHaveLength(1);
  });

  it("accepts a link for 24 hours, and not after a newer one was sent", async () => {
    await using api = await createTestApi();
    const ada = await api.signUp(email);
    const first = await askForVerification(api, ada);
    const second = await askForVerification(api, ada);
    expect(await codeOf(api.caller().auth.verify_email({ token: first }))).toBe("ONE_TIME_TOKEN_INVALID");
    api.clock.advance(24 * hourMs - 1);
    const eve = await api.signUp("eve@example.org");
    const third = await askForVerification(api, eve);
    expect(await codeOf(api.caller().auth.verify_email({ token: second }))).toBeUndefined();
    api.clock.advance(24 * hourMs);
    expect(await codeOf(api.caller().auth.verify_email({ token: third }))).toBe("ONE_TIME_TOKEN_INVALID");
  });

  it("confirms nothing once the address has changed", async () => {
    await using api = await createTestApi();
    const ada = await api.signUp(email);
    const token = await askForVerification(api, ada);
    await api.deps.db.updateTable("users").set({ email: new_email }).execute();
    expect(await codeOf(api.caller().auth.verify_email({ token }))).toBe("ONE_TIME_TOKEN_INVALID");
    expect(await ada.auth.me()).toMatchObject({ is_verified: false });
  });

  it("confirms nothing for an account that was erased", async () => {
    await using api = await createTestApi();
    const ada = await api.signUp(email);
    const token = await askForVerification(api, ada);
    await api.deps.db.updateTable("users").set({ erased_at: api.clock() }).execute();
    expect(await codeOf(api.caller().auth.verify_email({ token }))).toBe("ONE_TIME_TOKEN_INVALID");
  });

  it("confirms the address that the link was sent to, whoever opens it", async () => {
    await using api = await createTestApi();
    const ada = await api.signUp(email);
    const token = await askForVerification(api, ada);
    const eve = await api.signUp("eve@example.org");
    await eve.auth.verify_email({ token });
    expect(await eve.auth.me()).toMatchObject({ is_verified: false });
    expect(await ada.auth.me()).toMatchObject({ is_verified: true });
  });

  it("ends a change of address that was to do without this mailbox", async () => {
    await using api = await createTestApi();
    const ada = await api.signUp(email);
    const token = await askForVerification(api, ada);
    await ada.auth.request_email_change({ new_email });
    const change = await readNewestToken(api, "email_change_new");
    await api.caller().auth.verify_email({ token });
    expect(await codeOf(confirmChange(api, change))).toBe("ONE_TIME_TOKEN_INVALID");
    expect(await ada.auth.me()).toMatchObject({ email });
  });

  it("limits the mails that a user can ask for", async () => {
    await using api = await createTestApi();
    const ada = await api.signUp(email);
    const codes: (string | undefined)[] = [];
    for (let count = 0; count < 4; count++) codes.push(await codeOf(ada.auth.request_email_verification()));
    expect(codes.at(-1)).toBe("TOO_MANY_ATTEMPTS");
  });
});
