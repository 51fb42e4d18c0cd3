import { type Access, listCalls, type NamedEndpoint, permissionOf } from "@obsqra/contract";
import { isForOrganisationsOnly } from "@obsqra/features/testing";
import { type Known, type Person, pick, remove, type Session } from "./known.ts";
import type { Outcome } from "./outcome.ts";
import { createReach, type Fields, type ReachTools } from "./reach.ts";
import { remember } from "./remember.ts";
import type { Step } from "./steps.ts";
import type { Call } from "./world.ts";

/** Asks every world the same; undefined when one of them cannot be asked this. */
export type Ask = (call: Call, owner: Person | undefined) => Promise<Outcome | undefined>;

/** Takes steps one after the other, and what each needs before. */
export interface Walker {
  take(step: Step): Promise<void>;
}

/** They say that signing in would help. */
const signInErrors: ReadonlySet<string> = new Set([
  "TOKEN_EXPIRED",
  "TOKEN_INVALID",
  "REAUTHENTICATION_NEEDED",
]);

const byPath = new Map(listCalls().map((named) => [named.path, named] as const));

/** @param worlds what is the same in every world */
export function createWalker(
  known: Known,
  ask: Ask,
  worlds: Pick<ReachTools, "now" | "agentRequest">,
): Walker {
  let people = 0;
  let lastKeyed: { readonly call: Call; readonly owner: Person | undefined } | undefined;

  async function send(call: Call, owner: Person | undefined): Promise<Outcome | undefined> {
    const outcome = await ask(call, owner);
    if (outcome !== undefined) remember(known, call, owner, outcome);
    return outcome;
  }

  /** A call that another one needs. */
  async function request(path: string, input: Fields | undefined, owner?: Person, isRecent = false) {
    const named = byPath.get(path);
    if (named === undefined) throw new Error(`There is no endpoint ${path}.`);
    const bearer = async () =>
      named.endpoint.access === "public" ? undefined : (await sessionOf(owner, isRecent))?.access_token;
    const organisation = await organisationFor(named, owner);
    const rest = { owner: organisation, idempotencyKey: undefined, isBatch: false };
    const call = { named, input, bearer: await bearer(), ...rest };
    const outcome = await send(call, owner);
    if (!signInErrors.has(outcome?.error?.code ?? "")) return outcome;
    return send({ ...call, bearer: await bearer() }, owner);
  }

  async function register(): Promise<Person> {
    people += 1;
    const email = `person-${people}@example.org`;
    await request("auth.register", {
      email,
      password: `correct horse battery ${people}`,
      full_name: `Person ${people}`,
    });
    // Somebody else may have taken the address.
    return known.people.find((person) => person.email === email) ?? register();
  }

  /** What is for organisations only is for one of theirs, which is made if need be. */
  async function organisationFor(
    named: NamedEndpoint,
    person: Person | undefined,
  ): Promise<string | undefined> {
    if (person === undefined || !isForOrganisationsOnly(named)) return undefined;
    if (person.organisations.length === 0) {
      await request("organisations.create", { name: "Analytical Engines" }, person);
    }
    return person.organisations.at(-1);
  }

  /** Whatever is anybody's may be for an organisation, too, and a stranger tries any. */
  async function organisationOf({ named, aim, picks }: Step, person: Person): Promise<string | undefined> {
    const [, , , random = 0] = picks;
    if (aim === "reach" || isForOrganisationsOnly(named)) return organisationFor(named, person);
    if (random % 5 !== 0) return undefined;
    const all = known.people.flatMap(({ organisations }) => organisations);
    const own = permissionOf(named.endpoint) === undefined ? [] : person.organisations;
    return pick(aim === "trespass" ? all : own, random);
  }

  /** Signs in when there is no session that will do. Somebody who cannot is forgotten. */
  async function sessionOf(person: Person | undefined, isRecent: boolean): Promise<Session | undefined> {
    if (person === undefined) return undefined;
    const live = person.sessions.findLast(({ isOld }) => !(isRecent && isOld));
    if (live !== undefined) return live;
    await request("auth.login", { email: person.email, password: person.password });
    const challenge = person.loginChallenges.pop();
    if (challenge !== undefined) {
      await request("auth.complete_login", { challenge, code: person.recoveryCodes.shift() ?? "" }, person);
    }
    const session = person.sessions.at(-1);
    if (session === undefined) remove(known.people, person);
    return session;
  }

  async function bearerFor(access: Access, person: Person, random: number): Promise<string | undefined> {
    if (access === "public") return random % 4 === 0 ? person.sessions.at(-1)?.access_token : undefined;
    const keys = person.keys.filter(({ scopes }) => scopes.some((scope) => scope === access));
    const key = random % 3 === 0 ? pick(keys, random) : undefined;
    return key?.key ?? (await sessionOf(person, access === "recent_session"))?.access_token;
  }

  const reach = createReach({
    ...worlds,
    known,
    request,
    register,
    sessionOf: (person) => sessionOf(person, false),
  });

  async function take(step: Step): Promise<void> {
    const { named, aim, picks, isBatch, idempotencyKey } = step;
    const [, whom = 0, how = 0, again = 0] = picks;
    const { kind, access } = named.endpoint;
    if (kind === "mutation" && idempotencyKey === "last" && lastKeyed !== undefined && again % 2 === 0) {
      await send({ ...lastKeyed.call, isBatch }, lastKeyed.owner);
      return;
    }
    // Somebody new now and then, and whenever somebody may have to start.
    const person = (whom % 25 === 0 ? undefined : pick(known.people, whom)) ?? (await register());
    const input = aim === "reach" ? await reach(step, person) : step.input;
    const bearer =
      aim === "trespass"
        ? pick(["nobody", "obsqra_unknown", ...known.bearers], how)
        : await bearerFor(access, person, how);
    const key = kind === "query" || idempotencyKey === "none" ? undefined : keyFor(idempotencyKey);
    const owner = aim === "trespass" ? undefined : person;
    const call = {
      named,
      input,
      bearer: bearer === "nobody" ? undefined : bearer,
      owner: await organisationOf(step, person),
      idempotencyKey: key,
      isBatch,
    };
    if (key !== undefined) lastKeyed = { call, owner };
    const outcome = await send(call, owner);
    // Time has passed since somebody signed in. The sign-in that this asks for is a step like any other.
    if (aim === "reach" && key === undefined && signInErrors.has(outcome?.error?.code ?? "")) {
      await send({ ...call, bearer: await bearerFor(access, person, how) }, owner);
    }
  }

  function keyFor(wanted: "new" | "last"): string {
    const last = known.idempotencyKeys.at(-1);
    if (wanted === "last" && last !== undefined) return last;
    const key = `key-${known.idempotencyKeys.length + 1}`;
    known.idempotencyKeys.push(key);
    return key;
  }

  return { take };
}
