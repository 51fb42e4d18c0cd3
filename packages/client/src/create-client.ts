import type { Operation, TRPCClient } from "@trpc/client";
import { createTRPCClient, httpBatchLink, httpLink, splitLink } from "@trpc/client";
import type { Fetch } from "./checked-fetch.ts";
import { createCheckedFetch } from "./checked-fetch.ts";
import type { AppRouter, EventTopic } from "./router.ts";
import { createSession, type Session } from "./session.ts";
import { createSessionLink, noteSentToken } from "./session-link.ts";
import { createStreamLink } from "./stream-link.ts";
import type { TokenStorage } from "./token-storage.ts";
import { createMemoryTokenStorage } from "./token-storage.ts";

/** Proxies and servers commonly refuse longer ones; more queries go into further requests. */
const urlLengthMax = 2000;
/** The service takes 100 points in a batch; the dearest calls cost 10. */
const batchSizeMax = 10;

export interface ClientOptions {
  /** Where the service is, without `/trpc`: `https://api.example.org`, or `""` for the page's own origin. */
  readonly url: string;
  /** Where the tokens are kept. @default in memory */
  readonly tokens?: TokenStorage;
  /** Sent with every call in the place of session tokens, which are then neither kept nor renewed. For services. */
  readonly apiKey?: string;
  /** Called when the session has ended without `auth.logout`: its refresh token was refused. */
  readonly onSignedOut?: () => void;
  /** Sent with every request, besides `authorization`. */
  readonly headers?: Readonly<Record<string, string>> | (() => Readonly<Record<string, string>>);
  /** Whether calls made in the same tick share a request. @default true */
  readonly batch?: boolean;
  /** @default globalThis.fetch */
  readonly fetch?: Fetch;
}

/** `events.follow`, which `follow` reads. */
export interface EventStreamProcedure {
  /** Opens one stream, and gives its response, which is read and ended by whoever asked for it. */
  readonly subscribe: (
    input: { readonly topics?: readonly EventTopic[]; readonly after?: string },
    options: {
      readonly signal: AbortSignal;
      readonly onData: (response: Response) => void;
      readonly onError: (error: Error) => void;
    },
  ) => unknown;
}

/** The API: feature, procedure, then `query` or `mutate`. What happens is read with `follow`. */
export interface ObsqraClient extends Omit<TRPCClient<AppRouter>, "events"> {
  readonly events: { readonly follow: EventStreamProcedure };
}

/**
 * Makes a client. Tokens are taken from the responses of `auth.register`, `auth.login`, `auth.reauthenticate` and
 * `auth.refresh`, sent with every call, renewed when they expire, and forgotten when the session is ended by
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
  const { apiKey, batch = true, onSignedOut } = options;
  const url = `${options.url.replace(/\/+$/, "")}/trpc`;
  const send = options.fetch ?? ((...call: Parameters<Fetch>) => globalThis.fetch(...call));
  const fetch = createCheckedFetch(send);
  const session =
    apiKey === undefined
      ? createSession({
          storage: options.tokens ?? createMemoryTokenStorage(),
          exchange: (refresh_token) => signedOut.auth.refresh.mutate({ refresh_token }),
          onSignedOut,
        })
      : fixedToken(apiKey);
  // Never renews, and so may be used while renewing.
  const signedOut = createTRPCClient<AppRouter>({
    links: [createSessionLink(fixedToken(undefined)), httpLink({ url, fetch, headers: customHeaders })],
  });
  const alone = httpLink<AppRouter>({
    url,
    fetch,
    headers: async ({ op }) => ({ ...(await signedInHeaders([op])), ...idempotencyHeader(op) }),
  });
  const together = httpBatchLink<AppRouter>({
    url,
    fetch,
    maxURLLength: urlLengthMax,
    maxItems: batchSizeMax,
    headers: ({ opList }) => signedInHeaders(opList),
  });
  // A header is a whole request's, so that a call with a key of its own gets one.
  const isAlone = (op: Operation) => !batch || idempotencyKeyOf(op) !== undefined;
  const sendingLink = splitLink({ condition: isAlone, true: alone, false: together });
  const streamLink = createStreamLink({ url, fetch: send, headers: signedInHeaders });
  const isStream = ({ type }: Operation) => type === "subscription";
  const link = splitLink({ condition: isStream, true: streamLink, false: sendingLink });
  // What the link for streams gives is not what tRPC's own gives.
  return createTRPCClient<AppRouter>({
    links: [createSessionLink(session), link],
  }) as ObsqraClient;

  async function signedInHeaders(operations: Parameters<typeof noteSentToken>[0]) {
    const token = await session.accessToken();
    noteSentToken(operations, token);
    return { ...customHeaders(), ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
  }

  function customHeaders(): Record<string, string> {
    const { headers = {} } = options;
    return { ...(typeof headers === "function" ? headers() : headers) };
  }
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

/** Stands for a session where there is nothing to keep or to renew. */
function fixedToken(token: string | undefined): Session {
  return {
    accessToken: async () => token,
    start: async () => {},
    end: async () => {},
    renew: async () => false,
  };
}
