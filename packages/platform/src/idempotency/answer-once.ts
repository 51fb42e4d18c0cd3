import { createHash } from "node:crypto";
import type { Database } from "@obsqra/db";
import { isDeadlock, type LazyTransaction, openLazyTransaction } from "@obsqra/db";
import type { RequestFacts } from "../call/request-facts.ts";
import type { AnswerFacts } from "../call/response-facts.ts";
import { AppError } from "../errors/app-error.ts";
import { toAppError } from "../errors/to-app-error.ts";
import type { Sealer } from "../sealer.ts";
import { type AnswerKey, deleteKey, findAnswer, takeKey, updateAnswer } from "./answers.queries.ts";
import { readIdempotencyKey } from "./idempotency-key.ts";
import { fingerprintOf, giveAgain, isFinal, type Outcome, openAnswer, sealAnswer } from "./kept-answer.ts";

/** What answering once uses. */
export interface AnswerOnceDependencies {
  readonly db: Database;
  readonly clock: () => Date;
  readonly sealer: Sealer;
  readonly request: RequestFacts;
  readonly answer?: AnswerFacts;
}

/** A mutation that came with an idempotency key. */
export interface KeyedCall {
  /** As it came, unchecked. */
  readonly key: string;
  /** The owner of the key; undefined where nobody is signed in. */
  readonly user_id: string | undefined;
  /** As tRPC spells it: `feature.name`. */
  readonly path: string;
  /** As the contract has parsed it. */
  readonly input: unknown;
}

/** Does what was asked, on the database that it is given. */
type Run = (db: Database) => Promise<unknown>;

/** The answer to a call that is under way. */
interface RunningCall {
  readonly fingerprint: string;
  readonly answer: Promise<Answer>;
}

interface Answer {
  readonly outcome: Outcome;
  /** Whether an earlier call has got it before. */
  readonly isKept: boolean;
}

interface Identity {
  readonly key: AnswerKey;
  readonly fingerprint: string;
}

const lifetimeMs = 24 * 60 * 60 * 1000;
const attemptsMax = 3;

/** Calls of this process by their keys, per database: two servers in one process have nothing to do with each other. */
const runningCalls = new WeakMap<Database, Map<string, RunningCall>>();

/** Another call has taken the key since it was looked up. */
class KeyTakenError extends Error {
  override readonly name = "KeyTakenError";
}

/**
 * Runs a mutation once per key and gives the same answer, or the same error, every time that it is asked for in the next
 * 24 hours. What it does and its answer are one transaction, so that a crash leaves both or neither. Errors that go away by
 * themselves are not kept; what nobody expected undoes everything.
 *
 * @throws AppError IDEMPOTENCY_KEY_INVALID, IDEMPOTENCY_KEY_REUSED; whatever `run` throws
 */
export async function answerOnce(deps: AnswerOnceDependencies, call: KeyedCall, run: Run): Promise<unknown> {
  const key_hash = createHash("sha256").update(readIdempotencyKey(call.key)).digest();
  const key = { owner: call.user_id ?? "public", key_hash };
  const fingerprint = fingerprintOf(call.path, call.input);
  const name = `${key.owner} ${key_hash.toString("hex")}`;
  const running = runningOn(deps.db);
  const same = running.get(name);
  if (same !== undefined) {
    if (same.fingerprint !== fingerprint) throw new AppError("IDEMPOTENCY_KEY_REUSED", undefined);
    return give(deps, { ...(await same.answer), isKept: true });
  }
  const answer = findOrRun(deps, { key, fingerprint }, run).finally(() => running.delete(name));
  running.set(name, { fingerprint, answer });
  return give(deps, await answer);
}

function runningOn(db: Database): Map<string, RunningCall> {
  const running = runningCalls.get(db) ?? new Map<string, RunningCall>();
  runningCalls.set(db, running);
  return running;
}

function give({ answer }: AnswerOnceDependencies, { outcome, isKept }: Answer): unknown {
  if (isKept && answer !== undefined) answer.isReplayed = true;
  return giveAgain(outcome);
}

async function findOrRun(
  deps: AnswerOnceDependencies,
  identity: Identity,
  run: Run,
  attempt = 1,
): Promise<Answer> {
  const kept = await findKept(deps, identity);
  if (kept !== undefined) return { outcome: kept, isKept: true };
  try {
    return { outcome: await runAndKeep(deps, identity, run), isKept: false };
  } catch (error) {
    // Nothing of the attempt is left. Whoever has taken the key has committed; a deadlock has two sides, and was only one's fault.
    const isWorthwhile = error instanceof KeyTakenError || isDeadlock(error) || isDeadlock(causeOf(error));
    if (!isWorthwhile || attempt === attemptsMax) throw error;
    return findOrRun(deps, identity, run, attempt + 1);
  }
}

/** @throws AppError IDEMPOTENCY_KEY_REUSED */
async function findKept(
  { db, sealer, clock }: AnswerOnceDependencies,
  { key, fingerprint }: Identity,
): Promise<Outcome | undefined> {
  const sealed = await findAnswer(db, { ...key, now: clock() });
  if (sealed === undefined) return undefined;
  const answer = openAnswer(sealer, sealed);
  // What cannot be read any more was still done.
  if (answer?.fingerprint !== fingerprint) throw new AppError("IDEMPOTENCY_KEY_REUSED", undefined);
  return answer.outcome;
}

/** @throws KeyTakenError, and whatever is not kept */
async function runAndKeep(
  deps: AnswerOnceDependencies,
  { key, fingerprint }: Identity,
  run: Run,
): Promise<Outcome> {
  let isTaken = false;
  const transaction = openLazyTransaction(deps.db, async (trx) => {
    const created_at = deps.clock();
    const expires_at = new Date(created_at.getTime() + lifetimeMs);
    isTaken = !(await takeKey(trx, { ...key, created_at, expires_at }));
    if (isTaken) throw new KeyTakenError();
  });
  try {
    const outcome = await outcomeOf(deps, () => run(transaction.db));
    // Whatever the service has made of the refusal.
    if (isTaken) throw new KeyTakenError();
    await updateAnswer(transaction.db, { ...key, sealed: sealAnswer(deps.sealer, { fingerprint, outcome }) });
    await transaction.commit();
    return outcome;
  } catch (error) {
    if (isTaken) throw new KeyTakenError();
    await undo(transaction, key, error);
    throw error;
  }
}

/** @throws whatever is no answer that can be kept */
async function outcomeOf({ request }: AnswerOnceDependencies, run: () => Promise<unknown>): Promise<Outcome> {
  try {
    return { data: await run() };
  } catch (thrown) {
    const error = toAppError(thrown);
    if (!isFinal(error)) throw thrown;
    const { code, details } = error;
    return { error: { code, details, request_id: request.id } };
  }
}

/** What a service has stored before it asks the caller to come back later stays, as it would without a key. */
async function undo(transaction: LazyTransaction, key: AnswerKey, thrown: unknown): Promise<void> {
  const { code } = toAppError(thrown);
  if (code === "INTERNAL_ERROR" || code === "DATABASE_UNAVAILABLE") return transaction.rollback();
  if (!transaction.hasBegun()) return;
  await deleteKey(transaction.db, key);
  await transaction.commit();
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}
