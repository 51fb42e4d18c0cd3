import type { NamedEndpoint, ObjectKind } from "@obsqra/contract";
import { findReferences, replaceReference } from "@obsqra/contract/testing";
import { answerOf as answerOfIdentity, codeAt, createTestPasskey } from "@obsqra/features/testing";
import { type Known, type Person, pick, protocols, type Session, walletOf } from "./known.ts";
import type { Step } from "./steps.ts";

/** What an input that reaches something needs: to look around, and to ask for what is not there yet. */
export interface ReachTools {
  readonly known: Known;
  /** The time in every world. */
  readonly now: () => Date;
  /** What an agent has asked its user for, which every world takes. */
  readonly agentRequest: () => Promise<string>;
  /** Calls an endpoint for somebody. */
  request(path: string, input: Fields | undefined, person: Person, isRecent?: boolean): Promise<unknown>;
  /** Somebody new. */
  register(): Promise<Person>;
  /** Somebody's session, after signing in where it is needed. */
  sessionOf(person: Person): Promise<Session | undefined>;
}

export type Fields = Readonly<Record<string, unknown>>;

/** Puts into the input of a step what there is to name, such as a token of a mail; first makes it, if need be. */
export type Reach = (step: Step, person: Person) => Promise<unknown>;

/** Makes the fields that name something which is no object of a user, by a random number. */
type Names = (person: Person, input: Fields, random: number) => Promise<Fields>;

export function createReach({ known, now, agentRequest, request, register, sessionOf }: ReachTools): Reach {
  let transactions = 0;

  async function objectOf(kind: ObjectKind, person: Person, random: number): Promise<string | undefined> {
    const found = () => pick(person.objects.get(kind) ?? [], random);
    if (found() === undefined) await makeObject[kind](person, random);
    return found();
  }

  const makeObject: Readonly<Record<ObjectKind, (person: Person, random: number) => Promise<unknown>>> = {
    session: async (person) => {
      await request("auth.login", { email: person.email, password: person.password }, person);
      await request("auth.sessions", undefined, person);
    },
    api_key: (person) => {
      const input = { name: "Made", scopes: ["users:read", "predictions:write"] };
      return request("auth.create_api_key", input, person, true);
    },
    remembered_device: async (person) => {
      await completeLogin(person, { remember_device: true });
      await request("auth.remembered_devices", undefined, person);
    },
    passkey: async (person) => {
      await request("auth.add_passkey", { name: "Made", ...(await newPasskey(person)) }, person, true);
    },
    identity: async (person) => {
      await request("auth.link_identity", await newIdentity(person), person, true);
    },
    wallet: async (person, random) =>
      request("auth.connect_wallet", await signedChallenge(person, random), person),
    wallet_challenge: (person, random) =>
      request("auth.wallet_challenge", { wallet_address: walletOf(person, random) }, person),
    transaction: (person) => {
      transactions += 1;
      const tx_hash = `0xabc${transactions}`;
      return request("transactions.create", { tx_hash, tx_type: "deposit", amount: "1.5" }, person);
    },
    suggestion: (person) => request("predictions.run_optimization", undefined, person),
    webhook: (person) => {
      const input = { url: "https://example.org/obsqra", topics: ["transactions", "security"] };
      return request("webhooks.create", input, person);
    },
    member: async (person) => {
      const other = await register();
      await request("organisations.accept_invitation", await invitationOf(person, other), other);
      await request("organisations.members", undefined, person);
    },
    invitation: (person) => invitationOf(person, person),
    webhook_delivery: async (person, random) => {
      const webhook_id = await objectOf("webhook", person, random);
      await request("webhooks.test", { webhook_id }, person);
    },
  };

  /** What `connect_wallet` takes, mostly with the signature that the fake chain finds good. */
  async function signedChallenge(person: Person, random: number): Promise<Fields> {
    if (person.challenges.length === 0) await makeObject.wallet_challenge(person, random);
    const challenge = person.challenges.shift();
    const felt = random % 8 < 4 ? 1 : random % 5;
    return {
      challenge_id: challenge?.id,
      wallet_address: challenge?.wallet,
      signature: [`0x${felt.toString(16)}`, `0x${random.toString(16)}`],
    };
  }

  /** The token of the newest mail of a kind to somebody: of a new one, or of one that may be spent by now. */
  async function linkOf(
    template: string,
    person: Person,
    random: number,
    sendMail: () => Promise<unknown>,
  ): Promise<Fields> {
    if (random % 2 === 1 || (person.links.get(template) ?? []).length === 0) await sendMail();
    return { token: person.links.get(template)?.pop() ?? "spent" };
  }

  /** The token of an invitation of somebody by somebody. */
  async function invitationOf(person: Person, invited: Person): Promise<Fields> {
    await request("organisations.invite", { email: invited.email, role: "analyst" }, person);
    return { token: person.links.get("organisation_invitation")?.pop() ?? "spent" };
  }

  /** Somebody else who stays an owner. */
  async function shareOwnership(person: Person): Promise<void> {
    await makeObject.member(person, 0);
    const user_id = person.objects.get("member")?.at(-1);
    await request("organisations.change_role", { user_id, role: "owner" }, person);
  }

  /** A code of an app that was set up a moment ago. */
  async function newApp(person: Person): Promise<Fields> {
    await request("auth.set_up_totp", undefined, person, true);
    return { code: person.totpSecret && codeAt(person.totpSecret, now()) };
  }

  /** A passkey that was made a moment ago, in the session that will add it. */
  async function newPasskey(person: Person): Promise<Fields> {
    await request("auth.set_up_passkey", undefined, person, true);
    const made = createTestPasskey({ seed: `${person.email} ${person.passkeys.length}` });
    person.passkeys.push(made);
    return { passkey: made.create(person.passkeyChallenge ?? "none") };
  }

  /** The answer of a passkey of theirs, which may have been removed; first adds one, if need be. */
  async function passkeyOf(person: Person, random: number): Promise<Fields> {
    if (person.passkeys.length === 0) await makeObject.passkey(person, random);
    await request("auth.passkey_challenge", undefined, person);
    return { passkey: pick(person.passkeys, random)?.sign(person.passkeyChallenge ?? "none") };
  }

  /** What links an identity that was opened a moment ago, or signs in by it. */
  async function newIdentity(person: Person): Promise<Fields> {
    await request("auth.begin_identity_link", { provider: "test" }, person, true);
    return answerOfProvider(person, `${person.email} ${person.objects.get("identity")?.length ?? 0}`);
  }

  /** What signs in by an identity of theirs; first links one, if need be. */
  async function identityOf(person: Person, random: number): Promise<Fields> {
    await objectOf("identity", person, random);
    await request("auth.begin_identity_login", { provider: "test" }, person);
    // Of the first that was linked, or of one that nobody has.
    return answerOfProvider(person, `${person.email} ${random % 4 === 0 ? random : 0}`);
  }

  function answerOfProvider({ email, identityAttempt }: Person, subject: string): Fields {
    if (identityAttempt === undefined) return { attempt: "none", answer: "none" };
    const { attempt, authorization_url } = identityAttempt;
    return { attempt, answer: answerOfIdentity(authorization_url, { subject, email }) };
  }

  /** A recovery code; first turns the second factor on, if need be. */
  async function codeOf(person: Person): Promise<Fields> {
    if (person.recoveryCodes.length === 0) {
      await request("auth.confirm_totp", await newApp(person), person, true);
    }
    return { code: person.recoveryCodes.shift() };
  }

  /** What completes a login that was begun a moment ago. */
  async function answerOf(person: Person): Promise<Fields> {
    const { code } = await codeOf(person);
    await request("auth.login", { email: person.email, password: person.password }, person);
    return { challenge: person.loginChallenges.pop(), code };
  }

  async function completeLogin(person: Person, choice: Fields): Promise<void> {
    await request("auth.complete_login", { ...(await answerOf(person)), ...choice }, person);
  }

  /** The first page of an export of theirs, or a page of whomever's that was read before. */
  const exportPage: Names = async (person, { cursor }, random) => {
    if (cursor !== undefined && random % 3 === 0) return { cursor };
    if (person.exports.length === 0) await request("users.start_export", undefined, person, true);
    return { cursor: person.exports.at(-1) };
  };

  const namesByPath = new Map<string, Names>([
    ["auth.login", async ({ email, password }) => ({ email, password })],
    ["auth.refresh", async (person) => ({ refresh_token: (await sessionOf(person))?.refresh_token })],
    [
      "auth.reauthenticate",
      async (person, _, random) => {
        const { password, recoveryCodes, passkeys } = person;
        if (passkeys.length > 0 && random % 3 === 0) return passkeyOf(person, random);
        return recoveryCodes.length === 0 ? { password } : { code: recoveryCodes.shift() };
      },
    ],
    ["auth.allow_agent", async () => ({ request: await agentRequest() })],
    ["auth.add_passkey", (person) => newPasskey(person)],
    ["auth.login_with_passkey", (person, _, random) => passkeyOf(person, random)],
    ["auth.begin_identity_login", async () => ({ provider: "test" })],
    ["auth.begin_identity_link", async () => ({ provider: "test" })],
    ["auth.login_with_identity", (person, _, random) => identityOf(person, random)],
    ["auth.link_identity", (person) => newIdentity(person)],
    ["auth.confirm_totp", (person) => newApp(person)],
    ["auth.turn_off_second_factor", (person) => codeOf(person)],
    ["auth.renew_recovery_codes", (person) => codeOf(person)],
    ["auth.complete_login", (person) => answerOf(person)],
    ["auth.change_password", async ({ password }) => ({ current_password: password })],
    ["auth.request_password_reset", async ({ email }) => ({ email })],
    [
      "auth.reset_password",
      (person, _, random) =>
        linkOf("password_reset", person, random, () =>
          request("auth.request_password_reset", { email: person.email }, person),
        ),
    ],
    [
      "auth.verify_email",
      (person, _, random) =>
        linkOf("email_verification", person, random, () =>
          request("auth.request_email_verification", undefined, person),
        ),
    ],
    [
      "auth.confirm_email_change",
      (person, _, random) =>
        linkOf(random % 4 === 1 ? "email_change_new" : "email_change_old", person, random, () =>
          request("auth.request_email_change", { new_email: `moved-${random}@example.org` }, person, true),
        ),
    ],
    ["auth.wallet_challenge", async (person, _, random) => ({ wallet_address: walletOf(person, random) })],
    ["auth.connect_wallet", (person, _, random) => signedChallenge(person, random)],
    [
      "transactions.create",
      async (_, { tx_type, suggestion_id, allocation }, random) => {
        const moves = tx_type === "allocate" || tx_type === "rebalance";
        const isOwnMix = moves && suggestion_id === undefined && allocation !== undefined;
        return {
          tx_hash: `0x${(random % 100_000).toString(16)}`,
          suggestion_id: moves ? suggestion_id : undefined,
          allocation: isOwnMix ? allocationOf(random) : undefined,
        };
      },
    ],
    [
      "receipts.forecast",
      async (person, _, random) => {
        if (known.forecasts.length === 0) await request("predictions.yield_forecast", undefined, person);
        return { forecast_id: pick(known.forecasts, random) };
      },
    ],
    ["organisations.accept_invitation", (person) => invitationOf(person, person)],
    [
      "organisations.leave",
      async (person) => {
        await shareOwnership(person);
        return {};
      },
    ],
    [
      "organisations.cancel_deletion",
      async (person) => {
        await request("organisations.schedule_deletion", undefined, person, true);
        return {};
      },
    ],
    ["users.export_records", exportPage],
    ["users.export_data", exportPage],
    [
      "users.cancel_deletion",
      async (person) => {
        await request("users.schedule_deletion", undefined, person, true);
        return {};
      },
    ],
  ]);

  return async ({ named, input, picks: [random = 0] }, person) => {
    const nameMore = namesByPath.get(named.path);
    if (input === undefined) {
      await nameMore?.(person, {}, random);
      return undefined;
    }
    let fields: Fields = { ...(input as Fields), ...commonNames(known, named, input as Fields, random) };
    for (const { kind, field } of findReferences(named)) {
      const value = field in fields ? await objectOf(kind, person, random) : undefined;
      // The reference is a field of an object, so that what comes back is an object, too.
      if (value !== undefined) fields = replaceReference(fields, field, value) as Fields;
    }
    return { ...fields, ...(await nameMore?.(person, fields, random)) };
  };
}

/** What fields of these names mean in every input that has them. */
function commonNames(known: Known, { path }: NamedEndpoint, input: Fields, random: number): Fields {
  return {
    ...("protocol" in input && { protocol: pick(protocols, random) }),
    ...("preferred_protocols" in input && { preferred_protocols: protocols.slice(0, random % 5) }),
    ...("current_allocation" in input && { current_allocation: allocationOf(random) }),
    ...("job" in input && { job: pick(["market.refresh", "predictions.renew"], random) }),
    ...("cursor" in input && { cursor: pick(known.cursors.get(path) ?? [], random) }),
  };
}

/** One that sums to 100. */
function allocationOf(random: number): Record<string, number> {
  const first = random % 101;
  return { nostra: first, ekubo: 100 - first };
}
