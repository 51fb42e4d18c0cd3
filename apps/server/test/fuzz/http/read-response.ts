import { FuzzFailure } from "../fuzz-failure.ts";

/** A response as it came over the wire. */
export interface HttpResponse {
  readonly status: number;
  /** By lower-case name; the values of a repeated header are joined with a comma. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** A response, and where the bytes after it begin. */
interface ParsedResponse {
  readonly response: HttpResponse;
  readonly end: number;
}

interface Head {
  readonly status: number;
  readonly headers: Map<string, string>;
  readonly end: number;
}

interface Body {
  readonly bytes: Uint8Array;
  readonly end: number;
}

/** The grammar of RFC 9110, 5.5 and 5.6.2. */
const headerPattern = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*$/;

/**
 * Reads one response from the beginning of what has come, by the letter of RFC 9112.
 *
 * @param method of the request, on which it depends whether the response has a body
 * @param isComplete whether the server has closed the connection
 * @returns undefined when the rest has not come yet
 * @throws FuzzFailure broken_http
 */
export function readResponse(
  received: Buffer,
  method: string,
  isComplete: boolean,
): ParsedResponse | undefined {
  const head = readHead(received);
  if (head === undefined) return undefined;
  // An interim response, such as 100 Continue, comes before the one that counts.
  if (head.status < 200) {
    const next = readResponse(received.subarray(head.end), method, isComplete);
    return next && { ...next, end: next.end + head.end };
  }
  const body = readBody(received, head, { method, isComplete });
  if (body === undefined) return undefined;
  const { status, headers } = head;
  return { response: { status, headers, body: readText(body.bytes) }, end: body.end };
}

function readHead(received: Buffer): Head | undefined {
  const length = received.indexOf("\r\n\r\n");
  if (length < 0) return undefined;
  const [statusLine = "", ...lines] = received.toString("latin1", 0, length).split("\r\n");
  const status = /^HTTP\/1\.1 (\d{3}) [\t\x20-\x7e\x80-\xff]*$/.exec(statusLine)?.[1];
  if (status === undefined) throw broken(`the status line is ${JSON.stringify(statusLine)}`);
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name = "", value = ""] = headerPattern.exec(line) ?? [];
    if (name === "") throw broken(`a header is ${JSON.stringify(line)}`);
    const known = headers.get(name.toLowerCase());
    headers.set(name.toLowerCase(), known === undefined ? value : `${known}, ${value}`);
  }
  return { status: Number(status), headers, end: length + 4 };
}

function readBody(
  received: Buffer,
  { status, headers, end }: Head,
  { method, isComplete }: { readonly method: string; readonly isComplete: boolean },
): Body | undefined {
  const length = headers.get("content-length");
  const encoding = headers.get("transfer-encoding");
  if (length !== undefined && encoding !== undefined) throw broken("it has two lengths");
  if (method === "HEAD" || status === 204 || status === 304) return { bytes: new Uint8Array(), end };
  if (length !== undefined) {
    if (!/^\d+$/.test(length)) throw broken(`the length is ${length}`);
    const last = end + Number(length);
    if (received.length >= last) return { bytes: received.subarray(end, last), end: last };
    if (isComplete) throw broken("the connection was closed in the middle of a body");
    return undefined;
  }
  if (encoding !== undefined) {
    const body = readChunks(received, end);
    if (body === undefined && isComplete) throw broken("the connection was closed in the middle of a chunk");
    return body;
  }
  return isComplete ? { bytes: received.subarray(end), end: received.length } : undefined;
}

function readChunks(received: Buffer, start: number): Body | undefined {
  const chunks: Buffer[] = [];
  let position = start;
  while (true) {
    const lineEnd = received.indexOf("\r\n", position);
    if (lineEnd < 0) return undefined;
    const line = received.toString("latin1", position, lineEnd);
    if (!/^[0-9a-fA-F]+$/.test(line)) throw broken(`a chunk begins with ${JSON.stringify(line)}`);
    const size = Number.parseInt(line, 16);
    const chunkEnd = lineEnd + 2 + size;
    if (received.length < chunkEnd + 2) return undefined;
    if (received.toString("latin1", chunkEnd, chunkEnd + 2) !== "\r\n") throw broken("a chunk has no end");
    position = chunkEnd + 2;
    if (size === 0) return { bytes: Buffer.concat(chunks), end: position };
    chunks.push(received.subarray(lineEnd + 2, chunkEnd));
  }
}

function readText(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new FuzzFailure("broken_http", "the response's body is not UTF-8", { cause });
  }
}

function broken(what: string): FuzzFailure {
  return new FuzzFailure("broken_http", `the response is not HTTP: ${what}`);
}
