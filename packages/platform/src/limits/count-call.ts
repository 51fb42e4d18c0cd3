import type { Actor } from "../access/actor.ts";
import type { RequestFacts } from "../call/request-facts.ts";
import type { ResponseFacts } from "../call/response-facts.ts";
import { AppError } from "../errors/app-error.ts";
import type { CallLimiter, CountedLimit, LimitCounter } from "./call-limiter.ts";
import { networkOf } from "./ip-network.ts";
import type { LimitPolicies, LimitPolicy } from "./limit-policies.ts";

/**
 * What several calls of one request cost together. The first of them pays for all before any of them does something, and the others wait
 * for that: of what the limits have no room for, nothing is done.
 */
export interface SharedBill {
  /** Points of all calls. */
  readonly all: number;
  /** Points of those that ask who calls. */
  readonly known: number;
  /** What was counted already, by policy. */
  readonly counted: Map<string, ReturnType<CallLimiter["count"]>>;
}

/** What counting calls uses. */
export interface CountingDependencies {
  /** Undefined where calls are not counted. */
  readonly callLimiter: CallLimiter | undefined;
  readonly request: RequestFacts;
  readonly response?: ResponseFacts;
  /** @default each call is paid for by itself */
  readonly bill?: SharedBill | undefined;
}

/**
 * Counts a call against what its address may ask for, before anything else is done for it. A call without an address,
 * such as one in process, is not counted.
 *
 * @param call its path as tRPC spells it, and its weight in points
 * @throws AppError RATE_LIMITED
 */
export async function countAddress(
  deps: CountingDependencies,
  call: { readonly path: string; readonly weight: number },
): Promise<void> {
  const { callLimiter, request } = deps;
  if (callLimiter === undefined || request.ip === undefined) return;
  const counter = addressCounter(callLimiter.policies.ip, request.ip);
  if (deps.response?.paidBy.length === 0) deps.response.paidBy = [counter];
  const counting = count(deps, callLimiter, counter, {
    points: deps.bill?.all ?? call.weight,
    bill: deps.bill,
  });
  if (counting !== undefined) await counting;
  const ofPath = callLimiter.policies.ipByPath.get(call.path);
  if (ofPath !== undefined) await count(deps, callLimiter, addressCounter(ofPath, request.ip), { points: 1 });
}

/**
 * Notes how far the limit of an address is used, without counting: for a response whose headers are sent before its calls are
 * counted.
 */
export async function noteAddress({ callLimiter, request, response }: CountingDependencies): Promise<void> {
  if (callLimiter === undefined || request.ip === undefined) return;
  const state = await callLimiter.read(addressCounter(callLimiter.policies.ip, request.ip));
  response?.limits.set(state.policy, state);
}

/**
 * Counts a call against what its owner, and API key, may ask for. What one limit refuses is not counted by the next: a
 * program that knocks too often within a minute does not use up its day.
 *
 * @throws AppError RATE_LIMITED
 */
export async function countActor(deps: CountingDependencies, actor: Actor, weight: number): Promise<void> {
  const { callLimiter } = deps;
  if (callLimiter === undefined) return;
  const counters = actorCounters(callLimiter.policies, actor);
  if (deps.response !== undefined) deps.response.paidBy = counters;
  for (const counter of counters) {
    const counting = count(deps, callLimiter, counter, {
      points: deps.bill?.known ?? weight,
      bill: deps.bill,
    });
    if (counting !== undefined) await counting;
  }
}

/**
 * Counts points for what a call turned out to have done, besides its weight. It is not refused for them any more: the next calls
 * are, when there are no points left.
 */
export async function chargeActor(deps: CountingDependencies, actor: Actor, points: number): Promise<void> {
  const { callLimiter, response } = deps;
  if (callLimiter === undefined || points <= 0) return;
  for (const counter of actorCounters(callLimiter.policies, actor)) {
    const { state } = await callLimiter.count(counter, points);
    response?.limits.set(state.policy, state);
  }
}

/** The counter of an address; within a /64 of IPv6 one customer has all addresses. */
export function addressCounter(policy: LimitPolicy, ip: string): LimitCounter {
  return { policy, key: networkOf(ip, 4) };
}

/** The counters of whoever is signed in, the narrowest first. */
export function actorCounters(
  policies: LimitPolicies,
  { api_key_id, owner_id, plan }: Actor,
): LimitCounter[] {
  return [
    ...(api_key_id === undefined ? [] : [{ policy: policies.key, key: api_key_id }]),
    { policy: policies.user, key: owner_id },
    { policy: policies.day[plan], key: owner_id },
  ];
}

/** Nothing is waited for where this process counts. */
function count(
  deps: CountingDependencies,
  callLimiter: CallLimiter,
  counter: LimitCounter,
  { points, bill }: { readonly points: number; readonly bill?: SharedBill | undefined },
): Promise<void> | undefined {
  const { name } = counter.policy;
  const counting = bill?.counted.get(name) ?? callLimiter.count(counter, points);
  bill?.counted.set(name, counting);
  if (counting instanceof Promise) return counting.then((counted) => note(deps, counted));
  note(deps, counting);
  return undefined;
}

/** @throws AppError RATE_LIMITED */
function note({ response }: CountingDependencies, { state, isExceeded }: CountedLimit): void {
  // Calls of a batch run at the same time and may be counted in another order than they end.
  const known = response?.limits.get(state.policy);
  if (known === undefined || state.remaining < known.remaining) response?.limits.set(state.policy, state);
  if (!isExceeded) return;
  throw new AppError("RATE_LIMITED", { policy: state.policy, retry_after_seconds: state.reset_seconds });
}
