import { expect, it } from "vitest";
import {
  addTestMember,
  codeOf,
  createTestApi,
  errorOf,
  foundOrganisation,
  inviteTo,
  readMails,
  type TestApi,
} from "../../testing/index.ts";
import { eraseDueAccounts } from "../deletion/erasure.service.ts";

const password = "correct horse battery";
const dayMs = 86_400_000;

async function register(api: TestApi, email = `${api.deps.createId()}@example.org`) {
  const { access_token } = await api.caller().auth.register({ email, password, full_name: "Ada" });
  const caller = api.caller(access_token);
  return { email, accessToken: access_token, caller, userId: (await caller.auth.me()).id };
}

/** Somebody with an organisation, and a caller for it. */
async function openOrganisation(api: TestApi) {
  const owner = await register(api);
  const id = await foundOrganisation(api, owner.accessToken);
  return { id, owner, own: api.caller(owner.accessToken, { owner: id }) };
}

/** What the log of an organisation says, oldest first. */
async function logOf(own: ReturnType<TestApi["caller"]>) {
  const { items } = await own.users.audit_log({ sort: "oldest", limit: 100 });
  return items.map(({ type, details, ip, user_agent }) => ({ type, details, ip, user_agent }));
}

it("makes an organisation whose maker is its owner, and gives it another name", async () => {
  await using api = await createTestApi();
  const { id, owner, own } = await openOrganisation(api);
  const made = {
    id,
    name: "Analytical Engines",
    role: "owner",
    plan: "free",
    created_at: api.clock().toISOString(),
    deletion_scheduled_for: null,
  };
  expect(await own.organisations.get()).toEqual(made);
  const { plan: _plan, ...listed } = made;
  expect((await owner.caller.organisations.list()).items).toEqual([listed]);
  const renamed = await own.organisations.rename({ name: "Difference Engines" });
  expect(renamed).toEqual({ ...made, name: "Difference Engines" });
  expect(await own.organisations.rename({ name: "Difference Engines" })).toEqual(renamed);
  const by = { member_id: owner.userId };
  expect(await logOf(own)).toEqual([
    { type: "organisation_created", details: by, ip: null, user_agent: null },
    { type: "organisation_renamed", details: by, ip: null, user_agent: null },
  ]);
});

it("lets nobody own more than ten organisations, however they come by them", async () => {
  await using api = await createTestApi();
  const ada = await register(api);
  for (let made = 0; made < 10; made += 1) await ada.caller.organisations.create({ name: `${made}` });
  expect(await codeOf(ada.caller.organisations.create({ name: "11" }))).toBe("ORGANISATION_LIMIT_REACHED");
  const { own } = await openOrganisation(api);
  const token = await inviteTo(api, own, { email: ada.email, role: "owner" });
  expect(await codeOf(ada.caller.organisations.accept_invitation({ token }))).toBe(
    "ORGANISATION_LIMIT_REACHED",
  );
  // What was refused has used nothing up.
  expect((await own.organisations.invitations()).items).toHaveLength(1);
});

it("is made by nobody whose account is going to be deleted, which would leave it to nobody", async () => {
  await using api = await createTestApi();
  const { email, caller } = await register(api);
  await caller.users.schedule_deletion();
  const { access_token } = await api.caller().auth.login({ email, password });
  const again = api.caller(access_token);
  const make = () => codeOf(again.organisations.create({ name: "Analytical Engines" }));
  expect(await make()).toBe("LAST_OWNER");
  expect((await again.organisations.list()).items).toEqual([]);
  await again.users.cancel_deletion();
  expect(await make()).toBeUndefined();
});

it("invites by a mail whose link makes a member of whoever has its address, once", async () => {
  await using api = await createTestApi();
  const { id, owner, own } = await openOrganisation(api);
  const grace = await register(api);
  const eve = await register(api);
  const token = await inviteTo(api, own, { email: grace.email, role: "analyst" });
  expect((await readMails(api)).at(-1)).toMatchObject({
    to: grace.email,
    organisation: "Analytical Engines",
  });
  const [invitation] = (await own.organisations.invitations()).items;
  expect(invitation).toMatchObject({ email: grace.email, role: "analyst", invited_by: owner.userId });
  // The link is of no use to anybody else who has got hold of it, and stays good.
  for (const stranger of [eve, owner]) {
    const accepting = stranger.caller.organisations.accept_invitation({ token });
    expect(await codeOf(accepting)).toBe("INVITATION_INVALID");
  }
  const joined = await grace.caller.organisations.accept_invitation({ token });
  expect(joined).toMatchObject({ id, role: "analyst" });
  expect(await codeOf(grace.caller.organisations.accept_invitation({ token }))).toBe("INVITATION_INVALID");
  const { items } = await own.organisations.members({ sort: "oldest" });
  expect(items.map(({ user_id, role }) => [user_id, role])).toEqual([
    [owner.userId, "owner"],
    [grace.userId, "analyst"],
  ]);
  expect((await own.organisations.invitations()).items).toEqual([]);
  expect((await logOf(own)).slice(1)).toMatchObject([
    { type: "member_invited", details: { member_id: owner.userId, role: "analyst" } },
    { type: "member_joined", details: { member_id: grace.userId, invited_by: owner.userId } },
  ]);
});

it("refuses an invitation that expired, was taken back, or was replaced, all alike", async () => {
  await using api = await createTestApi();
  const { own } = await openOrganisation(api);
  const grace = await register(api);
  const invited = { email: grace.email, role: "viewer" as const };
  const accept = (token: string) => errorOf(grace.caller.organisations.accept_invitation({ token }));
  const unknown = await accept("made-up");
  expect(unknown).toMatchObject({ code: "INVITATION_INVALID" });
  const replaced = await inviteTo(api, own, invited);
  const revoked = await inviteTo(api, own, invited);
  const [waiting] = (await own.organisations.invitations()).items;
  await own.organisations.revoke_invitation({ invitation_id: waiting?.id ?? "" });
  expect(await accept(replaced)).toEqual(unknown);
  expect(await accept(revoked)).toEqual(unknown);
  const expired = await inviteTo(api, own, invited);
  api.clock.advance(7 * dayMs);
  const again = await api.caller().auth.login({ email: grace.email, password });
  const late = api.caller(again.access_token).organisations.accept_invitation({ token: expired });
  expect(await errorOf(late)).toEqual(unknown);
});

it("binds an invitation to the address, whoever has the account later", async () => {
  await using api = await createTestApi();
  const { own } = await openOrganisation(api);
  const grace = await register(api);
  const token = await inviteTo(api, own, { email: grace.email, role: "viewer" });
  const { db } = api.deps;
  await db.updateTable("users").set({ email: "moved@example.org" }).where("id", "=", grace.userId).execute();
  expect(await codeOf(grace.caller.organisations.accept_invitation({ token }))).toBe("INVITATION_INVALID");
});

it("stores addresses that are invited sealed, and links as hashes", async () => {
  await using api = await createTestApi();
  const { own } = await openOrganisation(api);
  const token = await inviteTo(api, own, { email: "charles@example.org", role: "viewer" });
  const rows = await api.deps.db.selectFrom("organisation_invitations").selectAll().execute();
  const text = JSON.stringify(rows);
  for (const secret of ["charles@example.org", token]) {
    expect(text).not.toContain(secret);
    expect(text).not.toContain(Buffer.from(secret).toString("hex"));
    expect(text).not.toContain(JSON.stringify([...Buffer.from(secret)]).slice(1, -1));
  }
});

it("takes the invitations of a member back with the rights to invite", async () => {
  await using api = await createTestApi();
  const { id, own } = await openOrganisation(api);
  for (const end of [
    (user_id: string) => own.organisations.remove_member({ user_id }),
    (user_id: string) => own.organisations.change_role({ user_id, role: "viewer" }),
  ]) {
    const admin = await addTestMember(api, id, "admin");
    const grace = await register(api);
    const token = await inviteTo(api, admin.caller, { email: grace.email, role: "viewer" });
    await end(admin.userId);
    expect(await codeOf(grace.caller.organisations.accept_invitation({ token }))).toBe("INVITATION_INVALID");
  }
});

it("lets only owners make, unmake, invite and remove owners", async () => {
  await using api = await createTestApi();
  const { id, owner, own } = await openOrganisation(api);
  const admin = await addTestMember(api, id, "admin");
  const viewer = await addTestMember(api, id, "viewer");
  const { organisations } = admin.caller;
  const refused = [
    organisations.change_role({ user_id: viewer.userId, role: "owner" }),
    organisations.change_role({ user_id: admin.userId, role: "owner" }),
    organisations.change_role({ user_id: owner.userId, role: "viewer" }),
    organisations.remove_member({ user_id: owner.userId }),
    organisations.invite({ email: "charles@example.org", role: "owner" }),
    organisations.transfer({ user_id: admin.userId }),
    organisations.schedule_deletion(),
  ];
  for (const call of refused) expect(await codeOf(call)).toBe("ROLE_INSUFFICIENT");
  expect(await organisations.change_role({ user_id: viewer.userId, role: "analyst" })).toMatchObject({
    role: "analyst",
  });
  await organisations.remove_member({ user_id: viewer.userId });
  expect((await own.organisations.members()).items).toHaveLength(2);
});

it("keeps the last owner, whichever way an owner would go", async () => {
  await using api = await createTestApi();
  const { id, owner, own } = await openOrganisation(api);
  const admin = await addTestMember(api, id, "admin");
  const goings = [
    () => own.organisations.leave(),
    () => own.organisations.change_role({ user_id: owner.userId, role: "admin" }),
    () => own.organisations.remove_member({ user_id: owner.userId }),
    () => owner.caller.users.schedule_deletion(),
  ];
  for (const go of goings) expect(await codeOf(go())).toBe("LAST_OWNER");
  await own.organisations.change_role({ user_id: admin.userId, role: "owner" });
  // An owner whose account is going to be deleted is none who stays.
  await api.caller(admin.accessToken).users.schedule_deletion();
  for (const go of goings) expect(await codeOf(go())).toBe("LAST_OWNER");
});

it("is transferred to another member, with the owner as an admin from then on", async () => {
  await using api = await createTestApi();
  const { id, owner, own } = await openOrganisation(api);
  const viewer = await addTestMember(api, id, "viewer");
  expect(await codeOf(own.organisations.transfer({ user_id: api.deps.createId() }))).toBe("MEMBER_NOT_FOUND");
  expect(await own.organisations.transfer({ user_id: viewer.userId })).toMatchObject({ role: "admin" });
  const { items } = await viewer.caller.organisations.members({ sort: "oldest" });
  expect(items.map(({ user_id, role }) => [user_id, role])).toEqual([
    [owner.userId, "admin"],
    [viewer.userId, "owner"],
  ]);
  expect(await codeOf(own.organisations.schedule_deletion())).toBe("ROLE_INSUFFICIENT");
});

it("is erased after a time in which an owner can change their mind, by the rules of accounts", async () => {
  await using api = await createTestApi();
  const { id, owner, own } = await openOrganisation(api);
  const viewer = await addTestMember(api, id, "viewer");
  const input = { tx_hash: "0x5a1d", tx_type: "deposit", amount: "1" } as const;
  await own.transactions.create(input);
  const { key } = await own.auth.create_api_key({ name: "Report", scopes: ["transactions:read"] });
  const token = await inviteTo(api, own, { email: "charles@example.org", role: "viewer" });
  const { erased_after } = await own.organisations.schedule_deletion();
  expect(Date.parse(erased_after)).toBe(api.clock().getTime() + 14 * dayMs);
  expect((await readMails(api)).at(-1)).toMatchObject({ to: owner.email, erase_after: erased_after });
  expect(await codeOf(api.caller(key).transactions.list())).toBe("API_KEY_INVALID");
  const charles = await register(api, "charles@example.org");
  expect(await codeOf(charles.caller.organisations.accept_invitation({ token }))).toBe("INVITATION_INVALID");
  expect((await viewer.caller.transactions.list()).items).toHaveLength(1);
  await own.organisations.cancel_deletion();
  expect(await codeOf(own.organisations.cancel_deletion())).toBe("DELETION_NOT_SCHEDULED");
  expect(await own.organisations.get()).toMatchObject({ deletion_scheduled_for: null });
  await own.organisations.schedule_deletion();
  api.clock.advance(14 * dayMs);
  await eraseDueAccounts(api.deps, new AbortController().signal);
  const { access_token } = await api.caller().auth.login({ email: owner.email, password });
  const after = api.caller(access_token, { owner: id });
  expect(await codeOf(after.organisations.get())).toBe("ORGANISATION_NOT_FOUND");
  expect((await api.caller(access_token).organisations.list()).items).toEqual([]);
  const { db } = api.deps;
  const left = await db.selectFrom("users").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
  expect(left).toMatchObject({ full_name: "", email: `erased ${id}`, preferences: {} });
  const events = await db.selectFrom("audit_events").selectAll().where("user_id", "=", id).execute();
  expect(events.at(-1)?.type).toBe("account_erased");
  expect(events.map(({ details }) => details)).toEqual(events.map(() => ({})));
  expect(await db.selectFrom("transactions").select("id").where("owner_id", "=", id).execute()).toHaveLength(
    1,
  );
});
