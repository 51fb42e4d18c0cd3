import type { Email } from "@obsqra/features";
import { add, createPerson, type Known, type Person, remove } from "./known.ts";
import type { Outcome } from "./outcome.ts";
import type { Call } from "./world.ts";

/** Responses of all endpoints in one: each has a few of these. */
interface AnyOutput {
  readonly id?: string;
  readonly access_token?: string;
  readonly refresh_token?: string;
  readonly key?: string;
  readonly scopes?: Person["keys"][number]["scopes"];
  readonly challenge_id?: string;
  readonly challenge?: string;
  readonly attempt?: string;
  readonly authorization_url?: string;
  readonly secret?: string;
  readonly recovery_codes?: readonly string[];
  readonly status?: string;
  readonly tx_hash?: string;
  readonly cursor?: string;
  readonly next_cursor?: string | null;
  readonly items?: readonly {
    readonly id?: string;
    readonly user_id?: string;
    readonly email?: string;
    readonly is_current?: boolean;
  }[];
}

interface AnyInput {
  readonly email?: string;
  readonly password?: string;
  readonly new_password?: string;
  readonly new_email?: string;
  readonly refresh_token?: string;
  readonly session_id?: string;
  readonly device_id?: string;
  readonly passkey_id?: string;
  readonly identity_id?: string;
  readonly api_key_id?: string;
  readonly webhook_id?: string;
  readonly invitation_id?: string;
  readonly wallet_address?: string;
}

/** Keeps what later steps can use of a response. */
export function remember(known: Known, call: Call, owner: Person | undefined, outcome: Outcome): void {
  const { path } = call.named;
  const input = (call.input ?? {}) as AnyInput;
  if (outcome.error !== undefined) {
    forget(owner, call.bearer, outcome.error.code);
    if (outcome.error.code === "ORGANISATION_NOT_FOUND") remove(owner?.organisations ?? [], call.owner ?? "");
    if (outcome.error.code === "SECOND_FACTOR_REQUIRED") {
      const { challenge } = outcome.error.details as { challenge: string };
      personOf(known, path, input)?.loginChallenges.push(challenge);
    }
    return;
  }
  // The contract says what each endpoint returns, and the API checks it.
  const output = (outcome.output === undefined ? {} : JSON.parse(outcome.output)) as AnyOutput;
  if (output.next_cursor) add(known.cursors, path, output.next_cursor);
  if (path === "predictions.yield_forecast") {
    for (const { id } of output.items ?? []) if (id !== undefined) known.forecasts.push(id);
  }
  const person = personOf(known, path, input) ?? owner;
  if (person === undefined) return;
  rememberSecrets(known, path, person, output);
  switch (path) {
    case "users.start_export":
      if (output.cursor !== undefined) person.exports.push(output.cursor);
      break;
    case "auth.sessions":
      for (const { id, is_current } of output.items ?? []) {
        if (id !== undefined && is_current !== true) add(person.objects, "session", id);
      }
      break;
    case "auth.remembered_devices":
      for (const { id } of output.items ?? [])
        if (id !== undefined) add(person.objects, "remembered_device", id);
      break;
    case "auth.forget_device":
      remove(person.objects.get("remembered_device") ?? [], input.device_id ?? "");
      break;
    case "auth.set_up_passkey":
    case "auth.passkey_challenge":
      person.passkeyChallenge = output.challenge;
      break;
    case "auth.add_passkey":
      add(person.objects, "passkey", output.id ?? "");
      break;
    case "auth.remove_passkey":
      remove(person.objects.get("passkey") ?? [], input.passkey_id ?? "");
      break;
    case "auth.begin_identity_login":
    case "auth.begin_identity_link":
      person.identityAttempt = {
        attempt: output.attempt ?? "",
        authorization_url: output.authorization_url ?? "",
      };
      break;
    case "auth.link_identity":
      add(person.objects, "identity", output.id ?? "");
      break;
    case "auth.unlink_identity":
      remove(person.objects.get("identity") ?? [], input.identity_id ?? "");
      break;
    case "auth.revoke_session":
      remove(person.objects.get("session") ?? [], input.session_id ?? "");
      break;
    case "auth.wallet_challenge":
      if (output.challenge_id === undefined) break;
      add(person.objects, "wallet_challenge", output.challenge_id);
      person.challenges.push({ id: output.challenge_id, wallet: input.wallet_address ?? "" });
      break;
    case "auth.connect_wallet":
      add(person.objects, "wallet", input.wallet_address ?? "");
      break;
    case "auth.unlink_wallet":
      remove(person.objects.get("wallet") ?? [], input.wallet_address ?? "");
      break;
    case "auth.change_password":
    case "auth.reset_password":
      person.password = input.new_password ?? "";
      break;
    case "auth.set_up_totp":
      person.totpSecret = output.secret;
      break;
    case "auth.confirm_totp":
      person.recoveryCodes = [...(output.recovery_codes ?? [])];
      for (const session of [...person.sessions]) {
        // It ends the others.
        if (session.access_token !== call.bearer) remove(person.sessions, session);
      }
      break;
    case "auth.renew_recovery_codes":
      person.recoveryCodes = [...(output.recovery_codes ?? [])];
      break;
    case "auth.turn_off_second_factor":
      person.recoveryCodes = [];
      break;
    case "auth.request_email_change":
      person.newEmail = input.new_email;
      break;
    case "auth.confirm_email_change":
      if (output.status === "changed") person.email = person.newEmail ?? person.email;
      break;
    case "predictions.run_optimization":
      add(person.objects, "suggestion", output.id ?? "");
      break;
    case "organisations.create":
      person.organisations.push(output.id ?? "");
      break;
    case "organisations.members":
      for (const { user_id, email } of output.items ?? []) {
        if (user_id !== undefined && email !== person.email) add(person.objects, "member", user_id);
      }
      break;
    case "organisations.invite":
      add(person.objects, "invitation", output.id ?? "");
      break;
    case "organisations.revoke_invitation":
      remove(person.objects.get("invitation") ?? [], input.invitation_id ?? "");
      break;
    case "webhooks.create":
      add(person.objects, "webhook", output.id ?? "");
      break;
    case "webhooks.delete":
      remove(person.objects.get("webhook") ?? [], input.webhook_id ?? "");
      break;
    case "webhooks.test":
      add(person.objects, "webhook_delivery", output.id ?? "");
      break;
    case "transactions.create":
      add(person.objects, "transaction", output.tx_hash ?? "");
      break;
  }
}

/** Keeps the tokens of emailed links. */
export function rememberMails(owner: Person | undefined, mails: readonly Email[]): void {
  for (const mail of mails) {
    if (owner !== undefined && "token" in mail) add(owner.links, mail.template, mail.token);
  }
}

/** Whose account the input of a public endpoint names. */
function personOf(known: Known, path: string, { email = "", password = "" }: AnyInput): Person | undefined {
  const found = known.people.find((person) => fold(person.email) === fold(email));
  if (path === "auth.register") {
    if (found !== undefined) remove(known.people, found);
    const person = createPerson(email, password);
    known.people.push(person);
    return person;
  }
  return path === "auth.login" ? found : undefined;
}

function rememberSecrets(known: Known, path: string, person: Person, output: AnyOutput): void {
  const { id, access_token, refresh_token, key, scopes } = output;
  if (access_token !== undefined && refresh_token !== undefined) {
    // Refreshing and giving the password again replace a session.
    if (path === "auth.refresh" || path === "auth.reauthenticate") person.sessions.pop();
    person.sessions.push({ access_token, refresh_token, isOld: false });
    known.bearers.push(access_token);
  }
  if (key !== undefined && scopes !== undefined) {
    person.keys.push({ key, scopes });
    known.bearers.push(key);
    if (id !== undefined) add(person.objects, "api_key", id);
  }
}

/** Learns from a refusal what is over. */
function forget(owner: Person | undefined, bearer: string | undefined, code: string): void {
  if (owner === undefined || bearer === undefined) return;
  const session = owner.sessions.find(({ access_token }) => access_token === bearer);
  const key = owner.keys.find((each) => each.key === bearer);
  if (code === "REAUTHENTICATION_NEEDED" && session !== undefined) session.isOld = true;
  if ((code === "TOKEN_EXPIRED" || code === "TOKEN_INVALID") && session !== undefined) {
    remove(owner.sessions, session);
  }
  if (code === "API_KEY_INVALID" && key !== undefined) remove(owner.keys, key);
}

/** As the contract folds addresses. */
function fold(email: string): string {
  return email.normalize("NFKC").trim().toLowerCase();
}
