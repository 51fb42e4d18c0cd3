import { isOfOrganisations, type NamedEndpoint, type OrganisationRole, permissionOf } from "@obsqra/contract";
import type { TestApi } from "./create-test-api.ts";
import { readNewestToken } from "./read-mails.ts";

/** Somebody who belongs to an organisation. */
export interface TestMember {
  readonly userId: string;
  readonly email: string;
  readonly accessToken: string;
  /** Calls for the organisation. */
  readonly caller: ReturnType<TestApi["caller"]>;
}

/** Whether an endpoint can be called for organisations only. */
export function isForOrganisationsOnly({ endpoint }: Pick<NamedEndpoint, "endpoint">): boolean {
  const permission = permissionOf(endpoint);
  return permission !== undefined && isOfOrganisations(permission);
}

/** Makes an organisation of whoever has an access token; gives its id. */
export async function foundOrganisation(
  api: TestApi,
  accessToken: string,
  name = "Analytical Engines",
): Promise<string> {
  return (await api.caller(accessToken).organisations.create({ name })).id;
}

/** Registers somebody who belongs to an organisation, as what is asked for, without an invitation. */
export async function addTestMember(
  api: TestApi,
  organisationId: string,
  role: OrganisationRole,
): Promise<TestMember> {
  const { deps } = api;
  const email = `${deps.createId()}@example.org`;
  const password = "correct horse battery";
  const { access_token } = await api.caller().auth.register({ email, password, full_name: "Ada" });
  const { id: user_id } = await api.caller(access_token).auth.me();
  const row = { id: deps.createId(), organisation_id: organisationId, user_id, role, joined_at: api.clock() };
  await deps.db.insertInto("organisation_members").values(row).execute();
  return { ...memberOf(api, access_token, organisationId), userId: user_id, email };
}

/** Adds an organisation to those of a user, as its owner, however many there are already; gives its id. */
export async function addOrganisationRow({ deps }: Pick<TestApi, "deps">, userId: string): Promise<string> {
  const [id, now] = [deps.createId(), deps.clock()];
  const user = { id, is_organisation: true, email: `organisation ${id}`, full_name: "Analytical Engines" };
  const rest = {
    email_verified_at: null,
    wallet_address: null,
    preferences: "{}",
    created_at: now,
    updated_at: now,
  };
  await deps.db
    .insertInto("users")
    .values({ ...user, ...rest })
    .execute();
  const member = {
    id: deps.createId(),
    organisation_id: id,
    user_id: userId,
    role: "owner",
    joined_at: now,
  } as const;
  await deps.db.insertInto("organisation_members").values(member).execute();
  return id;
}

/** Adds an invitation that nobody can accept, however many there are already; gives its id. */
export async function addInvitationRow(
  { deps }: Pick<TestApi, "deps">,
  organisationId: string,
): Promise<string> {
  const [id, now] = [deps.createId(), deps.clock()];
  const email = `${id}@example.org`;
  await deps.db
    .insertInto("organisation_invitations")
    .values({
      id,
      organisation_id: organisationId,
      email_sealed: deps.sealer.seal(email),
      address_hash: id,
      role: "viewer",
      token_hash: deps.randomBytes(32),
      invited_by: null,
      created_at: now,
      expires_at: new Date(now.getTime() + 86_400_000),
    })
    .execute();
  return id;
}

/** Has somebody invited to an organisation; gives the token of the link. */
export async function inviteTo(
  api: TestApi,
  by: ReturnType<TestApi["caller"]>,
  invited: { readonly email: string; readonly role: OrganisationRole },
): Promise<string> {
  await by.organisations.invite(invited);
  return readNewestToken(api, "organisation_invitation");
}

function memberOf(
  api: TestApi,
  accessToken: string,
  owner: string,
): Pick<TestMember, "accessToken" | "caller"> {
  return { accessToken, caller: api.caller(accessToken, { owner }) };
}
