import { figureRounder } from "@obsqra/contract";
import { isTransactionConflict } from "@obsqra/db";
import type { z } from "zod";
import { type Actor, replyOwnerOf } from "../access/actor.ts";
import type { RequestFacts } from "../call/request-facts.ts";
import type { ResponseFacts } from "../call/response-facts.ts";
import { elapsedMs } from "../elapsed.ts";
import { AppError } from "../errors/app-error.ts";
import { toAppError } from "../errors/to-app-error.ts";
import type { CallTurns } from "../limits/call-turns.ts";
import { networkOf } from "../limits/ip-network.ts";
import type { Sealer } from "../sealer.ts";
import { type Command, PlanOutdatedError, Refused } from "./command.ts";
import { readIdempotencyKey } from "./idempotency-key.ts";
import { type EarlyReply, hashKey, keyedCallsOf, type Reply } from "./keyed-calls.ts";
import { findReply, insertReply, isKeyTaken, type ReplyKey } from "./replies.queries.ts";
import {
  fingerprintOf,
  isFinal,
  type Outcome,
  openReply,
  replay,
  sealReply,
  toOutcome,
} from "./stored-reply.ts";
import { collectEvents, type Write, type WriteDependencies, writeTransaction } from "./write-transaction.ts";

/** What running a command uses, besides what the command itself does. */
export interface CommandDependencies extends WriteDependencies {
  readonly sealer: Sealer;
  readonly callTurns: Pick<CallTurns, "write">;
  readonly request: RequestFacts;
  readonly response?: ResponseFacts;
  /** Undefined where nobody is signed in. */
  readonly actor?: Actor;
  /** What access has found under the call's key. @default it was not looked for */
  readonly earlyReply?: EarlyReply | undefined;
}

/** What a caller asks for. */
export interface CommandCall<TInput, TOutput> {
  /** As tRPC spells it: `feature.name`. */
  readonly path: string;
  /** As the contract has parsed it. */
  readonly input: TInput;
  /** The same as it came, by which an idempotency key's calls are compared: the contract drops fields that it does not know. */
  readonly sent: unknown;
  /** What the contract promises; checked before the commit, so that a result that breaks it changes nothing. */
  readonly output: z.ZodType<unknown, TOutput>;
  /** Whether what it gives lets somebody in, so that it is replayed for a minute only. */
  readonly givesCredentials?: boolean;
}

/** A call with its idempotency key. */
interface KeyedCall {
  readonly key: ReplyKey;
  /** Of the key, among all owners' keys. */
  readonly name: string;
  readonly fingerprint: string;
  /** How long a success is replayed; a refusal is for as long as the key is taken. */
  readonly replayMs: number;
}

const replyLifetimeMs = 24 * 60 * 60 * 1000;
/** Long enough to ask again after a lost connection. */
const credentialsReplayMs = 60 * 1000;
const attemptsMax = 3;

/** Another call has taken the key since it was looked up. */
class KeyTakenError extends Error {
  override readonly name = "KeyTakenError";
}

/**
 * Runs a command: plans it, then writes it in one transaction together with its events and, where the call came with an
 * idempotency key, with its reply, so that a crash at any point leaves all or nothing. A key's command is carried out once;
 * the same call gets the same reply, or the same error, for 24 hours; credentials for a minute. Errors that go away by
 * themselves are not stored. A call that may be a guess is counted before its key is looked at.
 *
 * @returns what the contract's output makes of the result
 * @throws AppError IDEMPOTENCY_KEY_INVALID, IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_REPLY_GONE, also for credentials that let nobody
 * in any more; whatever the command throws
 */
export async function runCommand<TDependencies extends CommandDependencies, TInput, TPlanned, TOutput>(
  command: Command<TDependencies, TInput, TPlanned, TOutput>,
  deps: TDependencies,
  call: CommandCall<TInput, TOutput>,
): Promise<unknown> {
  const { idempotency_key } = deps.request;
  const key = idempotency_key === undefined ? undefined : readIdempotencyKey(idempotency_key);
  await command.guess?.count(deps, call.input);
  const attempt: Attempt = async (number, keyed) => {
    const planned = await command.plan(deps, call.input, number);
    return inTransaction(deps, keyed, async (trx, emit) => {
      const result = await command.write(trx, planned, emit);
      if (result instanceof Refused) return result;
      // Rounded before the reply is stored, so that a replay has the same figures. What is parsed is a copy, which may be changed.
      const parsed = call.output.parse(result);
      const round = figureRounder(call.output);
      return round === undefined ? parsed : round(parsed);
    });
  };
  if (key === undefined) return retry((number) => attempt(number, undefined)).then(unwrap);
  const { outcome, isReplay } = await joinOrRun(deps, toKeyedCall(deps, key, call), attempt);
  if (isReplay && deps.response !== undefined) deps.response.isReplayed = true;
  const data = replay(outcome);
  if (!isReplay) return data;
  // Only a success is stored with data, and after the contract's output has parsed it.
  if ((await command.stillLetsIn?.(deps, data as TOutput)) === false) {
    throw new AppError("IDEMPOTENCY_REPLY_GONE", undefined);
  }
  await command.guess?.forget(deps, call.input);
  return data;
}

/**
 * A key of somebody who is signed in is theirs. One of nobody belongs to whoever sends the same input: otherwise a stranger
 * could take it first, or see by it whether an input is the first one's.
 */
function toKeyedCall(
  { actor }: CommandDependencies,
  key: string,
  call: { readonly path: string; readonly sent: unknown; readonly givesCredentials?: boolean },
): KeyedCall {
  const fingerprint = fingerprintOf(call.path, call.sent);
  const key_hash = actor === undefined ? hashKey(`${key} ${fingerprint}`) : hashKey(key);
  const owner_id = actor === undefined ? "public" : replyOwnerOf(actor);
  return {
    key: { owner_id, key_hash },
    name: `${owner_id} ${key_hash.toString("hex")}`,
    fingerprint,
    replayMs: call.givesCredentials === true ? credentialsReplayMs : replyLifetimeMs,
  };
}

/** Plans and writes a command once. */
type Attempt = (number: number, keyed: KeyedCall | undefined) => Promise<unknown>;

/** @throws AppError when the command has refused */
function unwrap(result: unknown): unknown {
  if (result instanceof Refused) throw result.error;
  return result;
}

/** Duplicates of a call that is under way in this process wait for its reply. */
async function joinOrRun(deps: CommandDependencies, keyed: KeyedCall, attempt: Attempt): Promise<Reply> {
  const calls = keyedCallsOf(deps.db);
  const same = calls.running.get(keyed.name);
  if (same !== undefined) {
    if (same.fingerprint !== keyed.fingerprint) throw new AppError("IDEMPOTENCY_KEY_REUSED", undefined);
    return { ...(await same.reply), isReplay: true };
  }
  const reply = findOrRun(deps, keyed, attempt).finally(() => calls.settle(keyed.name));
  calls.running.set(keyed.name, { fingerprint: keyed.fingerprint, reply });
  return reply;
}

async function findOrRun(deps: CommandDependencies, keyed: KeyedCall, attempt: Attempt): Promise<Reply> {
  return retry(async (number) => {
    const stored = await findStored(deps, keyed, number === 1 ? earlyReplyOf(deps, keyed) : undefined);
    if (stored !== undefined) return { outcome: stored, isReplay: true };
    const result = await attempt(number, keyed).catch((thrown: unknown) => storeRefusal(deps, keyed, thrown));
    return { outcome: outcomeOf(deps, result), isReplay: false };
  });
}

/** What was refused for good is stored, too, so that the key always gets the same reply. */
async function storeRefusal(deps: CommandDependencies, keyed: KeyedCall, thrown: unknown): Promise<unknown> {
  if (isOvertaken(thrown)) throw thrown;
  const error = toAppError(thrown);
  if (!isFinal(error)) throw thrown;
  return inTransaction(deps, keyed, async () => new Refused(error));
}

function outcomeOf({ request }: CommandDependencies, result: unknown): Outcome {
  return result instanceof Refused ? toOutcome(result.error, request.id) : { data: result };
}

/**
 * Tries again what another call has come between. Nothing of the attempt before is left, so that the caller may try again, too,
 * when others have come between each time.
 */
async function retry<TResult>(work: (number: number) => Promise<TResult>, number = 1): Promise<TResult> {
  try {
    return await work(number);
  } catch (error) {
    if (!isOvertaken(error)) throw error;
    if (number === attemptsMax) throw lastWord(error);
    return retry(work, number + 1);
  }
}

/** What a command that has found its plan outdated wants to be told then; otherwise, that the caller may come again. */
function lastWord(error: unknown): AppError {
  const refusal = error instanceof PlanOutdatedError ? error.refusal : undefined;
  return refusal ?? new AppError("DATABASE_UNAVAILABLE", undefined, { cause: error });
}

/** Whoever has taken the key has committed; of a conflict between transactions, the database undoes one and the other goes on. */
function isOvertaken(error: unknown): boolean {
  return (
    error instanceof PlanOutdatedError ||
    error instanceof KeyTakenError ||
    isTransactionConflict(error) ||
    (error instanceof Error && isTransactionConflict(error.cause))
  );
}

/** What access has found, unless a call with the same key has ended while this one waited for its turn. */
function earlyReplyOf({ db, earlyReply }: CommandDependencies, { name }: KeyedCall): EarlyReply | undefined {
  if (earlyReply === undefined) return undefined;
  return keyedCallsOf(db).mayHaveSettledSince(earlyReply.settledBefore, name) ? undefined : earlyReply;
}

/**
 * @throws AppError IDEMPOTENCY_KEY_REUSED; IDEMPOTENCY_REPLY_GONE when what it gave is no longer replayed; Error when the reply cannot
 * be read any more, which only an operator can mend
 */
async function findStored(
  deps: CommandDependencies,
  keyed: KeyedCall,
  early: EarlyReply | undefined,
): Promise<Outcome | undefined> {
  const now = deps.clock();
  const stored = early === undefined ? await findReply(deps.db, { ...keyed.key, now }) : early.row;
  if (stored === undefined) return undefined;
  const reply = openReply(deps.sealer, stored.sealed);
  if (reply.fingerprint !== keyed.fingerprint) throw new AppError("IDEMPOTENCY_KEY_REUSED", undefined);
  const isGone = !("error" in reply.outcome) && elapsedMs(stored.created_at, now) > keyed.replayMs;
  if (isGone) throw new AppError("IDEMPOTENCY_REPLY_GONE", undefined);
  return reply.outcome;
}

/**
 * Writes, takes the key, and stores events and reply. The key comes last: whoever has taken it commits in the same message, so
 * that nobody waits for a transaction that is still at work, and what is done a second time, by another process, is undone.
 */
async function inTransaction(
  deps: CommandDependencies,
  keyed: KeyedCall | undefined,
  write: Write<unknown>,
): Promise<unknown> {
  return deps.callTurns.write(writerOf(deps), () =>
    keyed === undefined ? writeTransaction(deps, write) : writeKeyed(deps, keyed, write),
  );
}

/** Who writes; of strangers, from where. */
function writerOf({ actor, request }: CommandDependencies): string {
  return actor?.owner_id ?? `network ${networkOf(request.ip, 4)}`;
}

function writeKeyed(
  deps: CommandDependencies,
  { key, fingerprint }: KeyedCall,
  write: Write<unknown>,
): Promise<unknown> {
  return deps.db
    .transaction()
    .execute(async (trx) => {
      const events = collectEvents(deps);
      const result = await write(trx, events.emit);
      const sealed = sealReply(deps.sealer, { fingerprint, outcome: outcomeOf(deps, result) });
      const created_at = deps.clock();
      const expires_at = new Date(created_at.getTime() + replyLifetimeMs);
      await insertReply(trx, { ...key, sealed, created_at, expires_at, events: events.rows });
      return result;
    })
    .catch((error: unknown) => {
      throw isKeyTaken(error) ? new KeyTakenError() : error;
    });
}
