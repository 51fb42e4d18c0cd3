import type { Operation, TRPCLink } from "@trpc/client";
import { createTRPCClient, httpBatchLink } from "@trpc/client";
import { accountCalls } from "./account-calls.ts";
import { createAloneLink, isLong } from "./alone-link.ts";
import { createCallLink } from "./call-link.ts";
import { createCheckedFetch, createObservedFetch, type Fetch, type RequestHooks } from "./checked-fetch.ts";
import { pause } from "./pause.ts";
import { createRetryLink, type RetryOptions } from "./retry-link.ts";
import type { AppRouter, ObsqraClient } from "./router.ts";
import { createFixedSession, createSession, type Session, type SessionOptions } from "./session.ts";
import { createSessionLink, noteSentToken } from "./session-link.ts";
import { createStreamLink } from "./stream-link.ts";
import { createMemoryTokenStorage, type ReadOnlyTokenStorage, type TokenStorage } from "./token-storage.ts";

/** Proxies and servers commonly refuse longer ones; more queries go into further requests. */
const urlLengthMax = 2000;
/** The service takes 100 points in a batch; the dearest calls cost 10. */
const batchSizeMax = 10;

/** What a client is made of. Only `url` is needed. */
export interface ClientOptions extends RequestHooks {
  /** Where the service is, without `/trpc`: `https://api.example.org`, or `""` for the page's own origin. */
  readonly url: string;
  /** Where the tokens are kept. Those that can only be read are never renewed: `SESSION_READ_ONLY`. @default in memory */
  readonly tokens?: TokenStorage | ReadOnlyTokenStorage | undefined;
  /** Asked for with every request, in the place of `tokens`: for who renews access tokens himself. */
  readonly accessToken?: (() => string | undefined | Promise<string | undefined>) | undefined;
  /** Sent with every call in the place of session tokens, which are then neither kept nor renewed. For services. */
  readonly apiKey?: string | undefined;
  /**
   * Whose data calls are about: the id of an organisation, or a function that gives it, asked with each call. Calls about the account of
   * whoever is signed in, such as those of sessions and passwords, are made without it. @default whoever is signed in
   */
  readonly owner?: string | (() => string | undefined) | undefined;
  /** Called when the session has ended without `auth.logout`: its refresh token was refused. */
  readonly onSignedOut?: (() => void) | undefined;
  /** Sent with every request, besides `authorization`. */
  readonly headers?: Readonly<Record<string, string>> | (() => Readonly<Record<string, string>>) | undefined;
  /** Whether queries made in the same tick share a request. @default true */
  readonly batch?: boolean | undefined;
  /** How long a call may take, with all of its retries; `Infinity` for as long as it takes. @default 60000 */
  readonly timeoutMs?: number | undefined;
  /** How often a call is sent again that fails for the moment. @default 2 */
  readonly maxRetries?: number | undefined;
  /** @default globalThis.fetch */
  readonly fetch?: Fetch | undefined;
}

/**
 * Makes a client. Tokens are taken from the responses of `auth.register`, `auth.login`, `auth.complete_login`, `auth.login_with_passkey`,
 * `auth.login_with_identity`, `auth.reauthenticate` and `auth.refresh`, sent with every call, renewed when they expire, and forgotten when the session is ended by
 * `auth.logout`, `auth.logout_everywhere` or `users.schedule_deletion`. Failed calls throw `ObsqraError`.
 *
 * @example
 * ```ts
 * const obsqra = createClient({ url: "http://localhost:8000" });
 * await obsqra.auth.login.mutate({ email: "ada@example.org", password: "correct horse battery" });
 * const { protocols } = await obsqra.analytics.dashboard.query();
 * ```
 */
export function createClient(options: ClientOptions): ObsqraClient {
  return createClientWith(options, { pause, random: Math.random });
}

/** The same, with what retries wait by. */
export function createClientWith(options: ClientOptions, retries: RetryOptions): ObsqraClient {
  const { batch = true, timeoutMs = 60_000, maxRetries = 2 } = options;
  const url = `${options.url.replace(/\/+$/, "")}/trpc`;
  const send = options.fetch ?? ((...call: Parameters<Fetch>) => globalThis.fetch(...call));
  const observed = createObservedFetch(send, options);
  const fetch = createCheckedFetch(observed);
  const callLink = createCallLink({ timeoutMs, maxRetries });
  const retryLink = createRetryLink(retries);
  const session = createClientSession(options, (refresh_token) =>
    signedOut.auth.refresh.mutate({ refresh_token }),
  );
  // Never renews, and so may be used while renewing.
  const signedOut = createTRPCClient<AppRouter>({
    links: [
      callLink,
      retryLink,
      createAloneLink({
        url,
        fetch,
        headers: async (op) => ({ ...customHeaders(), ...idempotencyHeader(op) }),
      }),
    ],
  });
  const createBatchLink = (others: () => Record<string, string>) =>
    httpBatchLink<AppRouter>({
      ...{ url, fetch, maxURLLength: urlLengthMax, maxItems: batchSizeMax },
      headers: async ({ opList }) => ({ ...(await signedInHeaders(opList)), ...others() }),
    });
  const together = createBatchLink(ownerHeader);
  // A header is a whole request's: those about an account have requests of their own where others are for somebody else.
  const ofAccount = createBatchLink(() => ({}));
  const isOfAccount = ({ path }: Operation) => accountCalls.test(path);
  const headers = async (op: Operation) => ({
    ...(await signedInHeaders([op])),
    ...(isOfAccount(op) ? {} : ownerHeader()),
    ...idempotencyHeader(op),
  });
  const alone = createAloneLink({ url, fetch, headers });
  const stream = createStreamLink({ url, fetch: observed, headers });
  // A header is a whole request's, so that a call with a key of its own gets one.
  const isAlone = (op: Operation) => !batch || idempotencyKeyOf(op) !== undefined || isLong(op);
  const sendingLink: TRPCLink<AppRouter> = (runtime) => {
    const [toStream, toAlone] = [stream(runtime), alone(runtime)];
    const [toBatch, toBatchOfAccount] = [together(runtime), ofAccount(runtime)];
    return (call) => {
      if (call.op.type === "subscription") return toStream(call);
      if (isAlone(call.op)) return toAlone(call);
      return ownerOf() !== undefined && isOfAccount(call.op) ? toBatchOfAccount(call) : toBatch(call);
    };
  };
  // The same procedures, written down instead of inferred from the router; and what the link for streams gives is not what tRPC's own gives.
  return createTRPCClient<AppRouter>({
    links: [callLink, createSessionLink(session), retryLink, sendingLink],
  }) as unknown as ObsqraClient;

  async function signedInHeaders(operations: Parameters<typeof noteSentToken>[0]) {
    const token = await session.accessToken();
    noteSentToken(operations, token);
    return { ...customHeaders(), ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
  }

  function ownerOf(): string | undefined {
    const { owner } = options;
    return typeof owner === "function" ? owner() : owner;
  }

  function ownerHeader(): Record<string, string> {
    const owner = ownerOf();
    return owner === undefined ? {} : { "obsqra-owner": owner };
  }

  function customHeaders(): Record<string, string> {
    const { headers = {} } = options;
    return { ...(typeof headers === "function" ? headers() : headers) };
  }
}

function createClientSession(
  { apiKey, accessToken, tokens = createMemoryTokenStorage(), onSignedOut }: ClientOptions,
  exchange: SessionOptions["exchange"],
): Session {
  if (apiKey !== undefined) return createFixedSession(() => ({ access_token: apiKey }));
  if (accessToken === undefined) return createSession({ storage: tokens, exchange, onSignedOut });
  return createFixedSession(async () => {
    const access_token = await accessToken();
    return access_token === undefined ? undefined : { access_token };
  });
}

/** What names a call to the service, given as `context: { idempotencyKey }`. */
function idempotencyKeyOf({ context }: Pick<Operation, "context">): unknown {
  return context.idempotencyKey;
}

function idempotencyHeader(operation: Pick<Operation, "context">): Record<string, string> {
  const key = idempotencyKeyOf(operation);
  if (key === undefined) return {};
  // What is not a key is sent as an empty one, which the service refuses: left out, the call would be made without a key.
  return { "idempotency-key": typeof key === "string" ? key : "" };
}
