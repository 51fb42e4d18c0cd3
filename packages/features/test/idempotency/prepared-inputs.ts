import { contract, type NamedEndpoint } from "@obsqra/contract";
import { findReferences, replaceReference, sampleInput } from "@obsqra/contract/testing";
import { logChainHeads } from "../../src/receipts/chains/chain-heads.service.ts";
import { writeLog } from "../../src/receipts/log/write-log.service.ts";
import {
  addTestMember,
  addTestPasskey,
  answerOf,
  askAsAgent,
  askForReset,
  askForVerification,
  codeAt,
  createTestPasskey,
  foundOrganisation,
  inviteTo,
  isForOrganisationsOnly,
  linkTestIdentity,
  makeOperator,
  openTestIdentity,
  readNewestToken,
  startLogin,
  type TestApi,
  turnOnTotp,
} from "../../src/testing/index.ts";
import { factoryOf, type Owner } from "../access/owned-objects.ts";

/** Somebody new, who has just signed in. */
export interface NewUser extends Owner {
  readonly email: string;
  readonly refreshToken: string;
}

export const password = "correct horse battery";

/** Operators, so that they may call everything; where that is for organisations, as the owner of one. */
export async function signUp(api: TestApi, named?: NamedEndpoint): Promise<NewUser> {
  const email = `${api.deps.createId()}@example.org`;
  const tokens = await api.caller().auth.register({ email, password, full_name: "Ada" });
  const { id } = await api.caller(tokens.access_token).auth.me();
  await makeOperator(api.deps, id);
  const isOwner = named !== undefined && isForOrganisationsOnly(named);
  const organisationId = isOwner ? await foundOrganisation(api, tokens.access_token) : undefined;
  return {
    userId: id,
    email,
    accessToken: tokens.access_token,
    refreshToken: tokens.refresh_token,
    organisationId,
  };
}

/** Prepares a user for a call, where the sample of its input alone would be refused; gives the input. */
type Prepare = (api: TestApi, user: NewUser) => unknown;

const otherPassword = "another horse battery";
const otherEmail = (api: TestApi) => `${api.deps.createId()}@example.org`;

const prepared: Readonly<Record<string, Prepare>> = {
  "auth.register": (api) => ({ email: otherEmail(api), password, full_name: "Eve" }),
  "auth.login": (_api, { email }) => ({ email, password }),
  "auth.refresh": (_api, { refreshToken }) => ({ refresh_token: refreshToken }),
  "auth.complete_login": async (api, { email, accessToken }) => {
    const { code } = await turnOnTotp(api, api.caller(accessToken));
    return { challenge: await startLogin(api.caller().auth, email), code: code() };
  },
  "auth.add_passkey": async (api, { accessToken }) => {
    const { challenge } = await api.caller(accessToken).auth.set_up_passkey();
    return { name: "Laptop", passkey: createTestPasskey().create(challenge) };
  },
  "auth.login_with_passkey": async (api, { accessToken }) => {
    const passkey = await addTestPasskey(api.caller(accessToken));
    return { passkey: passkey.sign((await api.caller().auth.passkey_challenge()).challenge) };
  },
  "auth.begin_identity_login": () => ({ provider: "test" }),
  "auth.begin_identity_link": () => ({ provider: "test" }),
  "auth.login_with_identity": async (api, { accessToken, email }) => {
    await linkTestIdentity(api.caller(accessToken), { subject: email, email });
    return openTestIdentity(api.caller(), { subject: email, email });
  },
  "auth.link_identity": async (api, { accessToken, email }) => {
    const { auth } = api.caller(accessToken);
    const { attempt, authorization_url } = await auth.begin_identity_link({ provider: "test" });
    return { attempt, answer: answerOf(authorization_url, { subject: email, email }) };
  },
  "auth.confirm_totp": async (api, { accessToken }) => {
    const { secret } = await api.caller(accessToken).auth.set_up_totp();
    return { code: codeAt(secret, api.clock()) };
  },
  "auth.allow_agent": async (api) => ({ request: await askAsAgent(api) }),
  "auth.turn_off_second_factor": codeOfApp,
  "auth.renew_recovery_codes": codeOfApp,
  "auth.reauthenticate": () => ({ password }),
  "auth.change_password": () => ({ current_password: password, new_password: otherPassword }),
  "auth.request_password_reset": (_api, { email }) => ({ email }),
  "auth.reset_password": async (api, { email }) => ({
    token: await askForReset(api, email),
    new_password: otherPassword,
  }),
  "auth.verify_email": async (api, { accessToken }) => ({
    token: await askForVerification(api, api.caller(accessToken)),
  }),
  "auth.request_email_change": (api) => ({ new_email: otherEmail(api) }),
  "auth.confirm_email_change": async (api, { accessToken }) => {
    await api.caller(accessToken).auth.request_email_change({ new_email: otherEmail(api) });
    return { token: await readNewestToken(api, "email_change_new") };
  },
  "auth.connect_wallet": async (api, user) => {
    const sample = sampleInput(contract.auth.connect_wallet.input);
    return replaceReference(sample, "challenge_id", await factoryOf("wallet_challenge").create(api, user));
  },
  "receipts.forecast": async ({ deps }) => {
    await writeLog(deps, new AbortController().signal);
    const forecast = deps.db.selectFrom("predictions").select("id").limit(1);
    return { forecast_id: (await forecast.executeTakeFirstOrThrow()).id };
  },
  "receipts.suggestion": async ({ deps, caller }, { accessToken }) => {
    const { id } = await caller(accessToken).predictions.run_optimization();
    await writeLog(deps, new AbortController().signal);
    return { suggestion_id: id };
  },
  "receipts.chains": async ({ deps }) => {
    await logChainHeads(deps);
    return undefined;
  },
  "transactions.create": () => ({ tx_hash: "0x5a1d", tx_type: "deposit", amount: "1250.5" }),
  "users.export_records": startExport,
  "users.export_data": startExport,
  "organisations.accept_invitation": async (api, { email }) => {
    const other = await signUp(api);
    const owner = await foundOrganisation(api, other.accessToken);
    const by = api.caller(other.accessToken, { owner });
    return { token: await inviteTo(api, by, { email, role: "analyst" }) };
  },
  "organisations.change_role": async (api, user) => ({
    user_id: await factoryOf("member").create(api, user),
    role: "analyst",
  }),
  "organisations.leave": async (api, { organisationId = "" }) => {
    await addTestMember(api, organisationId, "owner");
    return undefined;
  },
  "organisations.invite": (api) => ({ email: otherEmail(api), role: "analyst" }),
  "organisations.cancel_deletion": async (api, { accessToken, organisationId: owner }) => {
    await api.caller(accessToken, { owner }).organisations.schedule_deletion();
    return undefined;
  },
  "users.cancel_deletion": async (api, { userId }) => {
    // Written directly: scheduling it ends the session that is needed for the call.
    const erase_after = new Date(api.clock().getTime() + 1000);
    await api.deps.db.updateTable("users").set({ erase_after }).where("id", "=", userId).execute();
    return undefined;
  },
};

async function codeOfApp(api: TestApi, { accessToken }: NewUser): Promise<{ code: string }> {
  const app = await turnOnTotp(api, api.caller(accessToken));
  return { code: app.code() };
}

async function startExport(api: TestApi, { accessToken }: NewUser): Promise<{ cursor: string }> {
  const { cursor } = await api.caller(accessToken).users.start_export();
  return { cursor };
}

/** What a call of an endpoint by somebody comes with: for organisations, which one. */
export function callFor(
  named: NamedEndpoint,
  { organisationId: owner }: NewUser,
): { readonly owner?: string } {
  return isForOrganisationsOnly(named) && owner !== undefined ? { owner } : {};
}

/** An input with which an endpoint does for this user what it is for. */
export async function prepareInput(api: TestApi, named: NamedEndpoint, user: NewUser): Promise<unknown> {
  const prepare = prepared[named.path];
  if (prepare !== undefined) return prepare(api, user);
  let input = sampleInput(named.endpoint.input);
  for (const { kind, field } of findReferences(named)) {
    input = replaceReference(input, field, await factoryOf(kind).create(api, user));
  }
  return input;
}
