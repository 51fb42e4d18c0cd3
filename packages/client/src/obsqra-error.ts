import { TRPCClientError } from "@trpc/client";
import type { AppRouter, ErrorDetailsByCode, ErrorShape } from "./router.ts";

/** The facts that come with failures on the way to the service or back. */
export interface ConnectionErrorDetailsByCode {
  /** The service could not be reached; `cause` has the reason. */
  CONNECTION_FAILED: undefined;
  /** Something other than the service responded, such as a proxy with an HTML page. */
  RESPONSE_UNREADABLE: { status: number };
  /** The call's `signal` was aborted; `cause` has its reason. */
  REQUEST_ABORTED: undefined;
  /** The call's time was over, or `AbortSignal.timeout` was. */
  REQUEST_TIMED_OUT: undefined;
  /** The access token has expired where the tokens cannot be written, so that nothing was renewed. */
  SESSION_READ_ONLY: undefined;
  /** What the client was given has failed, such as a token storage or a hook; `cause` has the reason. */
  CLIENT_FAILED: undefined;
}

/** The facts that come with each error that a call can end with, by its code. */
export interface ObsqraErrorDetailsByCode extends ErrorDetailsByCode, ConnectionErrorDetailsByCode {}

/** Every code that a failed call can have: the service's and those of the connection. */
export type ObsqraErrorCode = keyof ObsqraErrorDetailsByCode;

/** A failed call as a union over `code`, so that `switch (error.code)` narrows `error.details`. */
export type AnyObsqraError = { [TCode in ObsqraErrorCode]: ObsqraError<TCode> }[ObsqraErrorCode];

/** What is known of an error besides its code and its details. */
export interface ObsqraErrorOptions {
  readonly message: string;
  /** HTTP status of the response, if there was one. */
  readonly status?: number | undefined;
  readonly request_id?: string | undefined;
  readonly retry_after?: number | undefined;
  readonly shape?: ErrorShape | undefined;
  readonly cause?: Error | undefined;
}

/**
 * What every failed call of the client throws. It is a `TRPCClientError` too, so tools made for tRPC understand it.
 * Decide on `code`; `message` is for people.
 */
export class ObsqraError<TCode extends ObsqraErrorCode = ObsqraErrorCode> extends TRPCClientError<AppRouter> {
  /** What went wrong, from a closed set. */
  readonly code: TCode;
  /** The facts of this occurrence, by `code`. */
  readonly details: ObsqraErrorDetailsByCode[TCode];
  /** HTTP status of the response; undefined without one. */
  readonly status: number | undefined;
  /** Quote it in a report: the service's log has the same. Undefined when the service has not responded. */
  readonly request_id: string | undefined;
  /** Seconds after which trying again makes sense, where the service says so: RATE_LIMITED, SERVER_BUSY and the like. */
  readonly retry_after: number | undefined;

  constructor(code: TCode, details: ObsqraErrorDetailsByCode[TCode], options: ObsqraErrorOptions) {
    const { message, shape, cause } = options;
    super(message, {
      ...(shape === undefined ? {} : { result: { error: shape } }),
      ...(cause === undefined ? {} : { cause }),
    });
    // TRPCClientError sets the prototype to its own, which would hide this class.
    Object.setPrototypeOf(this, new.target.prototype);
    this.name = "ObsqraError";
    this.code = code;
    this.details = details;
    this.status = options.status;
    this.request_id = options.request_id;
    this.retry_after = options.retry_after;
  }
}

/** Whether a call failed in a way that the client knows; with `code`, whether it failed in this way. */
export function isObsqraError(error: unknown): error is AnyObsqraError;
export function isObsqraError<TCode extends ObsqraErrorCode>(
  error: unknown,
  code: TCode,
): error is ObsqraError<TCode>;
export function isObsqraError(error: unknown, code?: ObsqraErrorCode): boolean {
  return error instanceof ObsqraError && (code === undefined || error.code === code);
}
