import type { IncomingMessage, RequestOptions } from "node:http";
import * as http from "node:http";
import * as https from "node:https";
import { isIP, isIPv6, type LookupFunction } from "node:net";
import { isPublicAddress } from "./public-address.ts";
import type { Resolve } from "./resolve.ts";
import { hostOf, judgeTarget, type TargetRules } from "./target.ts";

/** A request whose URL somebody else has chosen. */
export interface GuardedGet {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The same, of one that says something. */
export interface GuardedPost extends GuardedGet {
  readonly body: string;
}

/** What came of it. */
export type GuardedOutcome =
  /** `body` is the beginning of the response's, up to the limit. */
  | { readonly status: number; readonly body: Uint8Array }
  | {
      readonly failure:
        | "url_refused"
        | "address_refused"
        | "name_not_found"
        | "connection_failed"
        | "tls_failed"
        | "timed_out";
    };

/** What varies. */
export interface GuardedOptions {
  readonly rules: TargetRules;
  readonly resolve: Resolve;
  /** For everything together: names, connection, TLS, request and response. @default 5000 */
  readonly timeoutMs?: number;
  /** No more of a response is read. @default 65536 */
  readonly bodyBytesMax?: number;
  /** Nor for longer, from the head of the response on. @default 250 */
  readonly bodyMs?: number;
  /** Certificates to trust besides, for tests. */
  readonly ca?: string;
}

/**
 * Sends a POST to where a stranger wants it, and nowhere that is not public: the name is resolved first, every address that it has
 * must be public, and the connection goes to one of just those, so that a name server which says something else the second time
 * changes nothing. The certificate must be the name's. Redirects are not followed, no proxy is used, and each request has a
 * connection of its own. A response counts from its head on: what is wrong with its body is not looked at.
 *
 * @throws never
 */
export async function postGuarded(
  { body, ...request }: GuardedPost,
  options: GuardedOptions,
): Promise<GuardedOutcome> {
  return sendGuarded({ ...request, method: "POST", body }, options);
}

/**
 * Reads from where a stranger says that something is, within the limits of `postGuarded`.
 *
 * @throws never
 */
export async function getGuarded(request: GuardedGet, options: GuardedOptions): Promise<GuardedOutcome> {
  return sendGuarded({ ...request, method: "GET", body: "" }, options);
}

async function sendGuarded(
  { url: text, method, headers, body }: GuardedPost & { readonly method: "GET" | "POST" },
  { rules, resolve, timeoutMs = 5_000, bodyBytesMax = 65_536, bodyMs = 250, ca }: GuardedOptions,
): Promise<GuardedOutcome> {
  const url = new URL(text);
  const refusal = judgeTarget(url, rules);
  if (refusal !== undefined) return { failure: refusal === "address" ? "address_refused" : "url_refused" };
  const end = AbortSignal.timeout(timeoutMs);
  const addresses = await findAddresses(hostOf(url), resolve, end);
  if (end.aborted) return { failure: "timed_out" };
  if (addresses.length === 0) return { failure: "name_not_found" };
  // One that is not public among many may be the one that is connected to.
  if (rules === "public" && !addresses.every(isPublicAddress)) return { failure: "address_refused" };
  const options = {
    method,
    headers: method === "GET" ? headers : { ...headers, "content-length": String(Buffer.byteLength(body)) },
    agent: false,
    lookup: pinnedTo(addresses),
    signal: end,
    maxHeaderSize: 16_384,
    ...(ca === undefined ? {} : { ca }),
  };
  try {
    const response = await send(url, options, body);
    const limits = { bytesMax: bodyBytesMax, milliseconds: bodyMs };
    return { status: response.statusCode ?? 0, body: await readBeginning(response, limits) };
  } catch (error) {
    return { failure: end.aborted ? "timed_out" : nameFailure(error) };
  }
}

/** @returns none when nobody says, or not in time */
async function findAddresses(host: string, resolve: Resolve, end: AbortSignal): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host];
  const { promise: ended, resolve: stop } = Promise.withResolvers<readonly string[]>();
  const onEnd = () => stop([]);
  end.addEventListener("abort", onEnd);
  try {
    return await Promise.race([resolve(host).catch(() => []), ended]);
  } finally {
    end.removeEventListener("abort", onEnd);
  }
}

/** Says the addresses that were judged, whoever asks and however often. */
function pinnedTo(addresses: readonly string[]): LookupFunction {
  const found = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
  return (_name, { all }, callback) => {
    const [first] = found;
    if (all === true) callback(null, found);
    else callback(null, first?.address ?? "", first?.family);
  };
}

/** Resolves with the head of the response; its body is still to be read. */
async function send(
  url: URL,
  options: RequestOptions & { readonly signal: AbortSignal },
  body: string,
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const end = options.signal;
  const request = (url.protocol === "https:" ? https : http).request(url, options, resolve);
  // Errors after the response has begun are the response's, too.
  request.on("error", reject);
  // Nobody asked for another protocol: without a listener, neither a response nor an error would come.
  request.on("upgrade", (_response, socket) => {
    socket.destroy();
    reject(new Error("The receiver switched protocols."));
  });
  // Whatever else a receiver comes up with, an end of the connection or of the time is the end.
  request.on("close", () => reject(new Error("The connection ended without a response.")));
  end.addEventListener("abort", () => reject(end.reason), { once: true });
  request.end(body);
  return promise;
}

/** What comes of the body until a limit, or the end of the connection: a receiver that says it bit by bit gains no time. */
async function readBeginning(
  response: IncomingMessage,
  { bytesMax, milliseconds }: { readonly bytesMax: number; readonly milliseconds: number },
): Promise<Uint8Array> {
  const end = setTimeout(() => response.destroy(), milliseconds);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Uint8Array>) {
      chunks.push(chunk.subarray(0, bytesMax - bytes));
      bytes += chunk.byteLength;
      if (bytes >= bytesMax) break;
    }
  } catch {
    // The receiver has said what became of the message; what it was still saying is cut off.
  } finally {
    clearTimeout(end);
    response.destroy();
  }
  return Buffer.concat(chunks);
}

/** OpenSSL's and Node's codes of what is wrong with a certificate or a handshake. */
function nameFailure(error: unknown): "tls_failed" | "connection_failed" {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return /CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO|ALTNAME|HOSTNAME/.test(code)
    ? "tls_failed"
    : "connection_failed";
}
