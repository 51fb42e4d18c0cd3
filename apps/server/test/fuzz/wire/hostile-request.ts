import { listCalls, type NamedEndpoint } from "@obsqra/contract";
import fc from "fast-check";
import { hostileBody } from "./hostile-body.ts";
import { hostileMessage } from "./hostile-message.ts";
import { hostileOAuth } from "./hostile-oauth.ts";
import { hostileOperation } from "./hostile-operation.ts";
import { hostileTarget } from "./hostile-target.ts";

/** A request as it is written to the wire. */
export interface HostileRequest {
  readonly method: string;
  readonly bytes: Uint8Array;
  /** Whether a server can tell where it ends. */
  readonly isWhole: boolean;
}

/** What comes with a request besides its first line: mostly JSON. */
export interface HostileContent {
  readonly bytes: Uint8Array;
  /** Before all others. */
  readonly headers: readonly Header[];
}

type Header = readonly [name: string, value: string];

/** Where the access token of somebody is put in when the request is sent: it is made before there is anybody. */
export const tokenPlace = "{token}";

/** Requests as no client of ours would write them; a part of them is what one would write. */
export function hostileRequest(): fc.Arbitrary<HostileRequest> {
  return fc.oneof(...listCalls().map(requestFor));
}

function requestFor(named: NamedEndpoint): fc.Arbitrary<HostileRequest> {
  const plain = (bytes: Uint8Array): HostileContent => ({ bytes, headers: [] });
  const ofCall = fc.record({ target: hostileTarget(named), content: bodyOf(named).map(plain) });
  const ofOperation = fc.record({
    target: fc.constant(graphqlTarget),
    content: hostileOperation(named).map(plain),
  });
  const ofMessage = fc.record({ target: fc.constant(mcpTarget), content: hostileMessage(named) });
  return fc
    .record({
      what: fc.oneof(
        { weight: 12, arbitrary: ofCall },
        { weight: 2, arbitrary: ofOperation },
        { weight: 2, arbitrary: ofMessage },
        { weight: 1, arbitrary: hostileOAuth() },
      ),
      headers: hostileHeaders(),
      framing: framing(),
      version: fc.oneof({ weight: 12, arbitrary: fc.constant("HTTP/1.1") }, oddVersion()),
    })
    .map(({ what, headers, framing, version }) => {
      const { content } = what;
      const { method, target } = what.target;
      const framed = framing(content.bytes);
      const lines = [...content.headers, ...headers, ...framed.headers].map(
        ([name, value]) => `${name}: ${value}\r\n`,
      );
      const head = `${method} ${target} ${version}\r\n${lines.join("")}\r\n`;
      return {
        method,
        bytes: Buffer.concat([Buffer.from(head, "latin1"), framed.bytes]),
        isWhole: framed.isWhole && version === "HTTP/1.1",
      };
    });
}

const graphqlTarget = { method: "POST", target: "/graphql" };
const mcpTarget = { method: "POST", target: "/mcp" };

function bodyOf(named: NamedEndpoint): fc.Arbitrary<Uint8Array> {
  return named.endpoint.kind === "query"
    ? fc.oneof({ weight: 6, arbitrary: fc.constant(new Uint8Array()) }, hostileBody(named))
    : hostileBody(named);
}

function oddVersion(): fc.Arbitrary<string> {
  return fc.constantFrom(
    "HTTP/1.0",
    "HTTP/1.0",
    "HTTP/2.0",
    "HTTP/9.9",
    "http/1.1",
    "HTTP/1.1 ",
    "",
    "RTSP/1.0",
  );
}

function hostileHeaders(): fc.Arbitrary<Header[]> {
  const usual: Header[] = [
    ["host", "127.0.0.1"],
    ["authorization", `Bearer ${tokenPlace}`],
    ["content-type", "application/json"],
  ];
  const odd = fc.constantFrom<Header>(...oddHeaders);
  return fc
    .tuple(fc.subarray(usual, { minLength: 2 }), fc.array(odd, { maxLength: 3 }), fc.boolean())
    .map(([some, others, isFirst]) => (isFirst ? [...others, ...some] : [...some, ...others]));
}

const oddHeaders: readonly Header[] = [
  ["host", "a b"],
  ["host", ""],
  ["host", "127.0.0.1"],
  ["authorization", "Bearer"],
  ["authorization", `Bearer ${tokenPlace}x`],
  ["authorization", `bearer   ${tokenPlace}`],
  ["authorization", `Basic ${tokenPlace}`],
  ["authorization", "Bearer obsqra_nonsense"],
  ["authorization", "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0."],
  ["authorization", `Bearer ${"x".repeat(5_000)}`],
  ["content-type", "application/json; charset=utf-8"],
  ["content-type", "application/json; charset=utf-16"],
  ["content-type", "APPLICATION/JSON"],
  ["content-type", "application/json, text/plain"],
  ["content-type", "application/x-www-form-urlencoded"],
  ["content-type", "multipart/form-data; boundary=x"],
  ["content-type", "application/vnd.api+json"],
  ["content-type", "text/plain"],
  ["content-type", "nonsense"],
  ["content-type", ";;;"],
  ["content-type", ""],
  ["content-encoding", "gzip"],
  ["content-encoding", "identity"],
  ["accept", "text/html"],
  ["accept", "*/*;q=0, application/xml"],
  ["accept-encoding", "gzip;q=nonsense, *;q=0"],
  ["trpc-accept", "application/jsonl"],
  ["trpc-batch-mode", "stream"],
  ["idempotency-key", ""],
  ["idempotency-key", "a"],
  ["idempotency-key", "a, b"],
  ["idempotency-key", "x".repeat(256)],
  ["idempotency-key", '"quoted"'],
  ["idempotency-key", "\u00e4\u0080"],
  ["if-none-match", "*"],
  ["if-none-match", 'W/"'],
  ["if-none-match", "x".repeat(4_000)],
  ["if-match", '"a"'],
  ["if-modified-since", "yesterday"],
  ["range", "bytes=0-1,5-,-9"],
  ["expect", "100-continue"],
  ["expect", "200-ok"],
  ["upgrade", "websocket"],
  ["connection", "upgrade"],
  ["connection", "close"],
  ["connection", "keep-alive, x"],
  ["origin", "null"],
  ["origin", "https://evil.example"],
  ["access-control-request-method", "PURGE"],
  ["x-forwarded-for", "::1, nonsense"],
  ["x-request-id", "chosen"],
  ["x-http-method-override", "DELETE"],
  ["cookie", "a=b; ".repeat(100)],
  ["user-agent", "\u0001\u007f"],
  ["user-agent", "\u00ff".repeat(600)],
  ["x-long", "y".repeat(20_000)],
  ["__proto__", "x"],
  ["constructor", "x"],
  [" folded", "x"],
  ["no name:", "x"],
  ["x-split", "a\r\n b"],
];

interface Framed {
  readonly headers: readonly Header[];
  readonly bytes: Uint8Array;
  readonly isWhole: boolean;
}

/** Ways to say how long a body is: mostly right ones. */
function framing(): fc.Arbitrary<(body: Uint8Array) => Framed> {
  return fc.oneof(
    { weight: 10, arbitrary: fc.constant(withLength) },
    {
      weight: 2,
      arbitrary: fc.integer({ min: 1, max: 50 }).map((size) => (body: Uint8Array) => inChunks(body, size)),
    },
    { weight: 4, arbitrary: fc.constantFrom(...wrongFramings) },
  );
}

function withLength(body: Uint8Array): Framed {
  const headers: Header[] = body.length === 0 ? [] : [["content-length", String(body.length)]];
  return { headers, bytes: body, isWhole: true };
}

function inChunks(body: Uint8Array, size: number): Framed {
  // Small chunks of a large body would only take time.
  const step = Math.max(size, Math.ceil(body.length / 100));
  const chunks: Uint8Array[] = [];
  for (let start = 0; start < body.length; start += step) {
    const chunk = body.subarray(start, start + step);
    chunks.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from("\r\n"));
  }
  const bytes = Buffer.concat([...chunks, Buffer.from("0\r\n\r\n")]);
  return { headers: [["transfer-encoding", "chunked"]], bytes, isWhole: true };
}

const wrongFramings: readonly ((body: Uint8Array) => Framed)[] = [
  // Longer and shorter than it says, and both.
  (body) => unclear([["content-length", String(body.length + 10)]], body),
  (body) => unclear([["content-length", String(Math.max(0, body.length - 3))]], body),
  (body) =>
    unclear(
      [
        ["content-length", "10"],
        ["content-length", String(body.length)],
      ],
      body,
    ),
  (body) => unclear([["content-length", "-1"]], body),
  (body) => unclear([["content-length", "0x10"]], body),
  (body) => unclear([["content-length", "9".repeat(30)]], body),
  (body) => unclear([["content-length", ""]], body),
  (body) => unclear([], body),
  (body) => ({ ...inChunks(body, 7), headers: bothLengths(body), isWhole: false }),
  (body) => unclear([["transfer-encoding", "chunked"]], body),
  (body) => unclear([["transfer-encoding", "gzip, chunked"]], inChunks(body, 7).bytes),
  (body) => unclear([["transfer-encoding", "chunked, chunked"]], inChunks(body, 7).bytes),
  (body) => unclear([["transfer-encoding", "xchunked"]], inChunks(body, 7).bytes),
  (body) => unclear([["transfer-encoding", "chunked"]], Buffer.from(`zz\r\n${body.length}\r\n0\r\n\r\n`)),
  () => unclear([["transfer-encoding", "chunked"]], Buffer.from(`${"f".repeat(20)}\r\na`)),
  (body) =>
    unclear([["transfer-encoding", "chunked"]], Buffer.concat([Buffer.from("5\r\n"), body.subarray(0, 2)])),
  () => unclear([["transfer-encoding", "chunked"]], Buffer.from('1;a="b\r\nc\r\n0\r\nx: y\r\n\r\n')),
];

function bothLengths(body: Uint8Array): Header[] {
  return [
    ["content-length", String(body.length)],
    ["transfer-encoding", "chunked"],
  ];
}

function unclear(headers: readonly Header[], bytes: Uint8Array): Framed {
  return { headers, bytes, isWhole: false };
}
