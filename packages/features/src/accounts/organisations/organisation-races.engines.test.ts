import { afterAll, beforeAll, expect, it } from "vitest";
import {
  addTestMember,
  codeOf,
  createTestApi,
  foundOrganisation,
  inviteTo,
  type TestApi,
  type TestMember,
} from "../../testing/index.ts";

const rounds = 6;
const password = "correct horse battery";

let api: TestApi;
beforeAll(async () => {
  api = await createTestApi({
    throttleLimits: { perEmailAndIp: 1e6, perIp: 1e6, mailsPerEmailAndIp: 1e6, mailsPerIp: 1e6 },
  });
});
afterAll(() => api[Symbol.asyncDispose]());

async function register() {
  const email = `${api.deps.createId()}@example.org`;
  const { access_token } = await api.caller().auth.register({ email, password, full_name: "Ada" });
  return { email, accessToken: access_token, caller: api.caller(access_token) };
}

async function openOrganisation() {
  const owner = await register();
  const id = await foundOrganisation(api, owner.accessToken);
  return { id, owner, own: api.caller(owner.accessToken, { owner: id }) };
}

async function ownersOf(id: string): Promise<number> {
  const rows = await api.deps.db
    .selectFrom("organisation_members as member")
    .innerJoin("users as account", "account.id", "member.user_id")
    .select("member.user_id")
    .where("member.organisation_id", "=", id)
    .where("member.role", "=", "owner")
    .where("account.erase_after", "is", null)
    .execute();
  return rows.length;
}

/** What two owners do at the same time, each of which would leave the other as the last. */
const goings: Readonly<Record<string, (member: TestMember, other: TestMember) => Promise<unknown>>> = {
  leave: ({ caller }) => caller.organisations.leave(),
  "remove each other": ({ caller }, { userId }) => caller.organisations.remove_member({ user_id: userId }),
  "unmake themselves": ({ caller, userId }) =>
    caller.organisations.change_role({ user_id: userId, role: "viewer" }),
  "have their accounts deleted": ({ accessToken }) => api.caller(accessToken).users.schedule_deletion(),
};

it.each(Object.keys(goings))("leaves an owner where two owners %s at the same time", async (name) => {
  const go = goings[name] ?? expect.fail(name);
  for (let round = 0; round < rounds; round += 1) {
    const { id, own, owner } = await openOrganisation();
    const first = await addTestMember(api, id, "owner");
    const second = await addTestMember(api, id, "owner");
    await own.organisations.leave();
    expect(await codeOf(owner.caller.organisations.list())).toBeUndefined();
    await Promise.all([codeOf(go(first, second)), codeOf(go(second, first))]);
    expect(await ownersOf(id)).toBe(1);
  }
});

it("makes one member of parallel uses of an invitation, and none where it is taken back first", async () => {
  for (let round = 0; round < rounds; round += 1) {
    const { own } = await openOrganisation();
    const grace = await register();
    const token = await inviteTo(api, own, { email: grace.email, role: "viewer" });
    const [invitation] = (await own.organisations.invitations()).items;
    const accept = () => codeOf(grace.caller.organisations.accept_invitation({ token }));
    const [revoked, ...accepted] = await Promise.all([
      codeOf(own.organisations.revoke_invitation({ invitation_id: invitation?.id ?? "" })),
      accept(),
      accept(),
      accept(),
    ]);
    const joined = accepted.filter((code) => code === undefined).length;
    // Either of the two is told that it came too late.
    expect([revoked === undefined ? 0 : 1, (await own.organisations.members()).items.length]).toEqual([
      joined,
      1 + joined,
    ]);
  }
});

it("leaves no key, webhook or invitation of a member who was removed while it was made, unless it came first", async () => {
  for (let round = 0; round < rounds; round += 1) {
    const { id, own } = await openOrganisation();
    const { caller, userId } = await addTestMember(api, id, "admin");
    const codes = await Promise.all([
      codeOf(caller.auth.create_api_key({ name: "Bot", scopes: ["users:read"] })),
      codeOf(caller.webhooks.create({ url: "https://example.org/", topics: ["market"] })),
      codeOf(caller.organisations.invite({ email: "charles@example.org", role: "viewer" })),
      own.organisations.remove_member({ user_id: userId }),
    ]);
    const refused = (code: unknown) => (code === undefined ? 0 : 1);
    expect((await own.auth.api_keys()).items).toHaveLength(1 - refused(codes[0]));
    expect((await own.webhooks.list()).items).toHaveLength(1 - refused(codes[1]));
    // Those of whoever is removed go, too.
    expect((await own.organisations.invitations()).items).toEqual([]);
    for (const code of codes.slice(0, 3)) expect([undefined, "ORGANISATION_NOT_FOUND"]).toContain(code);
  }
});

it("lets nobody own more than ten, also where they are made at the same time", async () => {
  const { caller } = await register();
  const codes = await Promise.all(
    Array.from({ length: 14 }, (_, number) => codeOf(caller.organisations.create({ name: `${number}` }))),
  );
  expect(codes.filter((code) => code === undefined)).toHaveLength(10);
  expect(codes.filter((code) => code === "ORGANISATION_LIMIT_REACHED")).toHaveLength(4);
});
