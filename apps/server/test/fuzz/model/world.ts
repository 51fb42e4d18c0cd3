import type { ErrorCode, Preferences } from "@obsqra/contract";
import type { FakeNode, TestWallet } from "@obsqra/starknet/testing";
import { FuzzFailure } from "../fuzz-failure.ts";
import type { Outcome } from "../judge/judge-response.ts";
import type { SentLink } from "../server/fuzz-server.ts";
import type { RemoteFuzzServer } from "../server/spawn-fuzz-server.ts";
import type { Tally } from "../tally.ts";
import type { Call, Caller } from "./caller.ts";

/** A session that its user believes to have. */
export interface ModelSession {
  access_token: string;
  refresh_token: string;
  /** Moments by the server's clock, in milliseconds since the beginning of this world. */
  access_until: number;
  recent_until: number;
}

export interface ModelTransaction {
  /** 66 characters, lower case. */
  readonly tx_hash: string;
  readonly tx_type: string;
  readonly amount: string;
  readonly details: unknown;
}

export interface ModelApiKey {
  readonly id: string;
  readonly key: string;
}

/** What the server has to know about somebody. */
export interface ModelUser {
  readonly id: string;
  email: string;
  password: string;
  full_name: string;
  is_verified: boolean;
  preferences: Preferences;
  state: "active" | "leaving" | "gone";
  sessions: ModelSession[];
  /** By hash, oldest first. */
  readonly transactions: Map<string, ModelTransaction>;
  /** Allocations that were logged, oldest first. */
  readonly allocations: Readonly<Record<string, number>>[];
  readonly suggestions: string[];
  keys: ModelApiKey[];
  /** Addresses, in the order in which they were linked. */
  wallets: string[];
  primary_wallet: string | null;
}

/** A server, and what it has to know. */
export interface World {
  readonly server: RemoteFuzzServer;
  readonly caller: Caller;
  readonly tally: Tally;
  /** What the server takes for Starknet. */
  readonly node: FakeNode;
  readonly users: ModelUser[];
  /** Somebody whom the model does not follow. */
  readonly stranger: { session?: ModelSession; uses: number };
  readonly mail: SentLink[];
  /** Each can be linked to one user at a time. */
  readonly wallets: TestWallet[];
  /** Milliseconds of the server's clock since the beginning. */
  now: number;
  /** Makes names that nobody has used: of users, keys, hashes. */
  readonly unique: () => string;
}

/** It cannot be done now: the server has asked to come back later, or nobody is there yet. That is no failure. */
export class Postponed extends Error {}

const later: ReadonlySet<ErrorCode> = new Set([
  "RATE_LIMITED",
  "SERVER_OVERLOADED",
  "SERVER_BUSY",
  "TOO_MANY_ATTEMPTS",
  "CHAIN_UNAVAILABLE",
]);

/**
 * Calls an endpoint that has to do what it is asked.
 *
 * @returns its output, which has been found to be as declared
 * @throws FuzzFailure broken_promise; Postponed
 */
export async function ask<TOutput>(world: World, call: Call): Promise<TOutput> {
  const outcome = await world.caller.call(call);
  if (outcome.ok) return outcome.data as TOutput;
  throw refusal(call, outcome, "success");
}

/**
 * Calls an endpoint that has to refuse.
 *
 * @throws FuzzFailure broken_promise; Postponed
 */
export async function askInVain(world: World, call: Call, ...codes: readonly ErrorCode[]): Promise<void> {
  const outcome = await world.caller.call(call);
  if (!outcome.ok && codes.includes(outcome.error.code)) return;
  throw refusal(call, outcome, codes.join(" or "));
}

/** Lets time go by on the server's clock, which stands still otherwise. */
export async function wait(world: World, milliseconds: number): Promise<void> {
  await world.server.advance(milliseconds);
  world.now += milliseconds;
}

function refusal(call: Call, outcome: Outcome, expected: string): Error {
  if (!outcome.ok && later.has(outcome.error.code)) return new Postponed(outcome.error.code);
  const happened = outcome.ok ? `success: ${JSON.stringify(outcome.data)}` : JSON.stringify(outcome.error);
  const input = JSON.stringify(call.input)?.slice(0, 2_000);
  return new FuzzFailure(
    "broken_promise",
    `${call.path} of ${input}: ${expected} was promised, not ${happened}`,
  );
}

/**
 * Expects something of the server.
 *
 * @throws FuzzFailure broken_promise
 */
export function promise(isKept: boolean, what: string, ...shown: readonly unknown[]): asserts isKept {
  if (isKept) return;
  throw new FuzzFailure(
    "broken_promise",
    `${what}: ${shown.map((value) => JSON.stringify(value)).join(", ")}`,
  );
}
