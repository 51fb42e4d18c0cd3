import type { DatabaseTransaction } from "@obsqra/db";
import type { AppError } from "../errors/app-error.ts";
import type { Emit } from "../events/event.ts";

/**
 * A change that somebody asks for, in two steps. What is slow, or may wait for others, comes first and holds no transaction;
 * what is written comes last and has nothing that could be slow.
 */
export interface Command<TDependencies, TInput, TPlanned, TOutput> {
  /** Where the call may be a guess at a secret. @default it is none */
  readonly guess?: Guess<TDependencies, TInput>;
  /**
   * Whether credentials that it has given still let somebody in, asked before they are replayed. @default they do
   */
  stillLetsIn?(deps: TDependencies, given: TOutput): Promise<boolean>;
  /**
   * Reads, hashes, asks the chain, prepares rows; counts mails. No transaction is open. It runs again when `write` finds
   * that what was planned is no longer true.
   *
   * @param attempt 1, or more when it is planned again
   * @throws AppError to refuse, and nothing is written
   */
  readonly plan: (deps: TDependencies, input: TInput, attempt: number) => Promise<TPlanned>;
  /**
   * Statements and events, in one transaction that the runner owns, together with the reply that an idempotency key keeps. An
   * error that is thrown undoes everything; one that is returned as `refused` keeps what was written.
   *
   * @throws AppError to refuse; PlanOutdatedError to have it planned again
   */
  readonly write: (trx: DatabaseTransaction, planned: TPlanned, emit: Emit) => Promise<TOutput | Refused>;
}

/** How a call is counted that may be a guess at a secret, such as a password. */
export interface Guess<TDependencies, TInput> {
  /**
   * Counts the call, once, before anything is looked up for it, its idempotency key included: otherwise whoever knows a key
   * could guess without being counted, by which of the inputs is replayed.
   *
   * @throws AppError when there were too many
   */
  readonly count: (deps: TDependencies, input: TInput) => Promise<void>;
  /** Forgets the attempts, after the replay of a success: its input is the one that was right. */
  readonly forget: (deps: TDependencies, input: TInput) => Promise<void>;
}

/** A refusal after which what was written stays, such as that a stolen token has ended its session. */
export class Refused {
  readonly error: AppError;

  constructor(error: AppError) {
    this.error = error;
  }
}

/** What was planned is no longer true, because another call has come between. */
export class PlanOutdatedError extends Error {
  override readonly name = "PlanOutdatedError";
  /** What the caller is told when it has been planned often enough. */
  readonly refusal: AppError | undefined;

  constructor(refusal?: AppError) {
    super("Another call has come between plan and write.");
    this.refusal = refusal;
  }
}

/** Declares a command and keeps its exact types. */
export function defineCommand<TDependencies, TInput, TPlanned, TOutput>(
  command: Command<TDependencies, TInput, TPlanned, TOutput>,
): Command<TDependencies, TInput, TPlanned, TOutput> {
  return command;
}
