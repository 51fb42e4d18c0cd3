import { PGlite, type PGliteOptions } from "@electric-sql/pglite";
import { DatabaseUnavailableError, DataDirectoryForbiddenError } from "../database-errors.ts";

type ProtocolOptions = Parameters<PGlite["execProtocol"]>[1];

/**
 * A PGlite that is not asked any more once Postgres has given up in it (`PANIC`, such as on a full disk while it writes its
 * log). A real server would end then; here the next call would run in circles and take the whole process with it.
 */
export class GuardedPglite extends PGlite {
  #end: { readonly cause: unknown } | undefined;
  readonly #onError: (error: unknown) => void;

  /** @param onError hears of every error that Postgres reports */
  constructor(options: PGliteOptions, onError: (error: unknown) => void) {
    super(options);
    this.#onError = onError;
  }

  /** Why it cannot be asked any more; a new error each time, since whoever lets one pass may add to it, as Kysely does to its stack. */
  get end(): DatabaseUnavailableError | undefined {
    return this.#end && new DatabaseUnavailableError("The embedded database has stopped.", this.#end);
  }

  override execProtocolRawSync(message: Uint8Array): Uint8Array {
    if (this.#end !== undefined) throw this.end;
    try {
      return super.execProtocolRawSync(message);
    } catch (error) {
      // Nothing but Postgres' own errors, which come as messages, is foreseen.
      this.#giveUp(error);
      throw error;
    }
  }

  override async execProtocol(message: Uint8Array, options?: ProtocolOptions) {
    return this.#watch(super.execProtocol(message, options));
  }

  override async execProtocolStream(message: Uint8Array, options?: ProtocolOptions) {
    return this.#watch(super.execProtocolStream(message, options));
  }

  async #watch<TResult>(result: Promise<TResult>): Promise<TResult> {
    try {
      return await result;
    } catch (cause) {
      const error = isFileForbidden(cause) ? forbiddenFile(cause) : cause;
      this.#onError(error);
      const { severity } = cause as { severity?: unknown };
      if (severity === "PANIC" || severity === "FATAL") this.#giveUp(error);
      throw error;
    }
  }

  #giveUp(cause: unknown): void {
    this.#end ??= { cause };
  }
}

/**
 * Whether the operating system has refused a file (insufficient_privilege). The role of the embedded database may do everything in
 * it, so that nothing else has this code.
 */
function isFileForbidden(error: unknown): error is Error {
  return error instanceof Error && "code" in error && error.code === "42501";
}

function forbiddenFile(cause: Error): DataDirectoryForbiddenError {
  return new DataDirectoryForbiddenError(
    `The files of the database may not be read or written: ${cause.message}.`,
    { cause },
  );
}
