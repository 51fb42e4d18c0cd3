import type { ObjectKind, Scope } from "@obsqra/contract";
import type { TestPasskey } from "@obsqra/features/testing";

/** Somebody with an account, as far as earlier responses tell. */
export interface Person {
  email: string;
  password: string;
  /** Newest last. */
  readonly sessions: Session[];
  readonly keys: ApiKeyOf[];
  /** Names of what belongs to them, newest last. */
  readonly objects: Map<ObjectKind, string[]>;
  /** Those that they made and have not lost, newest last. */
  readonly organisations: string[];
  /** Of wallet challenges that were not used. */
  readonly challenges: { readonly id: string; readonly wallet: string }[];
  /** Where the exports that they began have their first pages, newest last. */
  readonly exports: string[];
  /** Tokens of emailed links by the kind of mail. */
  readonly links: Map<string, string[]>;
  /** Of the app that was set up last. */
  totpSecret: string | undefined;
  /** Those that are left; without a second factor there are none. */
  recoveryCodes: string[];
  /** Of logins that wait for the second factor, newest last. */
  readonly loginChallenges: string[];
  /** That were added, or tried to be. */
  readonly passkeys: TestPasskey[];
  /** What the newest passkey challenge was, for adding one or for signing in. */
  passkeyChallenge: string | undefined;
  /** The attempt at a provider that was begun last. */
  identityAttempt: { readonly attempt: string; readonly authorization_url: string } | undefined;
  /** The address that was asked for last. */
  newEmail: string | undefined;
}

export interface Session {
  readonly access_token: string;
  readonly refresh_token: string;
  /** Whether it was refused as not recent. */
  isOld: boolean;
}

interface ApiKeyOf {
  readonly key: string;
  readonly scopes: readonly Scope[];
}

/** What is known from the responses so far. */
export interface Known {
  /** Ids of forecasts. */
  readonly forecasts: string[];
  readonly people: Person[];
  /** By endpoint. */
  readonly cursors: Map<string, string[]>;
  /** Tokens and keys that were good once. */
  readonly bearers: string[];
  readonly idempotencyKeys: string[];
}

/** Protocols that the simulated market has, and one that it has not. */
export const protocols = ["nostra", "ekubo", "zklend", "vesu", "nonesuch"];

/** A wallet of theirs, or one that others say is theirs, too. */
export function walletOf({ email }: Person, random: number): string {
  if (random % 3 === 0) return `0x${(random % 50) + 100}`;
  return `0x${Buffer.from(email).toString("hex").slice(0, 60)}${random % 2}`;
}

export function createKnown(): Known {
  return { people: [], forecasts: [], cursors: new Map(), bearers: [], idempotencyKeys: [] };
}

export function createPerson(email: string, password: string): Person {
  return {
    email,
    password,
    sessions: [],
    keys: [],
    objects: new Map(),
    organisations: [],
    challenges: [],
    exports: [],
    links: new Map(),
    totpSecret: undefined,
    recoveryCodes: [],
    loginChallenges: [],
    passkeys: [],
    passkeyChallenge: undefined,
    identityAttempt: undefined,
    newEmail: undefined,
  };
}

/** One of a list, by a random number; undefined of an empty one. Newer ones are more likely: older ones are often spent. */
export function pick<T>(list: readonly T[], random: number): T | undefined {
  const fromNewest = Math.min(random % list.length, Math.floor(random / 7) % list.length);
  return list.at(-1 - fromNewest);
}

export function add<TKey, TValue>(map: Map<TKey, TValue[]>, key: TKey, value: TValue): void {
  const list = map.get(key) ?? [];
  if (!list.includes(value)) list.push(value);
  map.set(key, list);
}

export function remove<T>(list: T[], value: T): void {
  const index = list.indexOf(value);
  if (index >= 0) list.splice(index, 1);
}
