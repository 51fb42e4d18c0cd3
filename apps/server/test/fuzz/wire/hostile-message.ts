import { agentPages, agentPrompts, type NamedEndpoint } from "@obsqra/contract";
import { arbitraryHostileValue, arbitraryInput, arbitraryInvalidInput } from "@obsqra/contract/testing";
import { messageFacts, toMessage, writeToolCall } from "@obsqra/mcp/testing";
import fc from "fast-check";
import type { HostileContent } from "./hostile-request.ts";

/** A message before it is written. */
type Message = Readonly<Record<string, unknown>>;

/** Bodies for `/mcp`: calls of an endpoint's tool, good and bad, messages of every method with anything in it, and what is none. */
export function hostileMessage({ path, endpoint }: NamedEndpoint): fc.Arbitrary<HostileContent> {
  const name = writeToolCall(path)?.name ?? path;
  const input = fc.oneof(
    { weight: 3, arbitrary: arbitraryInput(endpoint.input) },
    { weight: 2, arbitrary: arbitraryInvalidInput(endpoint.input) },
    { weight: 1, arbitrary: arbitraryHostileValue() },
  );
  const call = input.map((given): Message => ({ ...toMessage(name, given).json }));
  const message = fc.oneof(
    { weight: 4, arbitrary: call },
    { weight: 1, arbitrary: fc.tuple(call, changes()).map(([json, changed]) => ({ ...json, ...changed })) },
    { weight: 4, arbitrary: anyMessage() },
  );
  return fc.tuple(message, oddHeaders(), writing()).map(([json, headers, write]) => ({
    bytes: Buffer.from(write(json)),
    headers: headers ?? Object.entries(headersOf(json)),
  }));
}

/** Ways to write a message: mostly as it is. */
function writing(): fc.Arbitrary<(message: Message) => string> {
  return fc.oneof(
    { weight: 12, arbitrary: fc.constant((json: Message) => JSON.stringify(json)) },
    {
      weight: 1,
      arbitrary: fc.nat(3).map((times) => (json: Message) => JSON.stringify(Array(times).fill(json))),
    },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom(...members)
        .map((member) => (json: Message) => `{${member},${JSON.stringify(json).slice(1)}`),
    },
    { weight: 1, arbitrary: fc.constantFrom(...strange).map((text) => () => text) },
  );
}

/** Headers that say what the message says. */
function headersOf({ method, params }: Message): Readonly<Record<string, string>> {
  const { name, uri = name } = { ...(params as Message | undefined) };
  const said = { "mcp-method": method, "mcp-name": uri };
  // Others would end the line.
  const isFitting = (value: unknown): value is string =>
    typeof value === "string" && /^[\x21-\x7e]{1,99}$/.test(value);
  const fitting = Object.entries(said).flatMap(([header, value]) =>
    isFitting(value) ? [[header, value]] : [],
  );
  const { accept = "", "mcp-protocol-version": version = "" } = toMessage("", {}).headers;
  const isModern = JSON.stringify(params ?? null).includes(version);
  return {
    accept,
    ...(isModern && { "mcp-protocol-version": version }),
    ...Object.fromEntries(fitting),
  };
}

/** Headers of other versions, and of nobody; undefined for those that fit. */
function oddHeaders(): fc.Arbitrary<HostileContent["headers"] | undefined> {
  const accept = ["accept", "application/json, text/event-stream"] as const;
  const version = fc.constantFrom("2025-11-25", "2026-07-28", "2024-11-05", "1999-01-01", "", "latest");
  const others = fc
    .record(
      { "mcp-protocol-version": version, "mcp-method": fc.constantFrom(...methods) },
      { requiredKeys: [] },
    )
    .map((headers) => [accept, ...Object.entries(headers)]);
  return fc.oneof(
    { weight: 6, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: others },
    { weight: 1, arbitrary: fc.constantFrom([], [accept], [["accept", "text/event-stream"] as const]) },
    {
      weight: 1,
      arbitrary: fc.constant([["mcp-session-id", "1"] as const, ["last-event-id", "1"] as const]),
    },
  );
}

/** Every method of the protocol, of any version, and some of none. */
const methods = [
  "tools/list",
  "tools/call",
  "resources/list",
  "resources/templates/list",
  "resources/read",
  "resources/subscribe",
  "prompts/list",
  "prompts/get",
  "initialize",
  "ping",
  "server/discover",
  "subscriptions/listen",
  "completion/complete",
  "logging/setLevel",
  "tasks/get",
  "tasks/result",
  "roots/list",
  "sampling/createMessage",
  "elicitation/create",
  "notifications/initialized",
  "notifications/cancelled",
  "notifications/progress",
  "rpc.discover",
  "__proto__",
  "constructor",
  "",
];

const uris = [
  ...agentPages.map(({ uri }) => uri),
  "obsqra://markets/%00",
  "obsqra://markets/%",
  "file:///etc/passwd",
];

function anyMessage(): fc.Arbitrary<Message> {
  const params = fc.oneof(
    fc.record(
      {
        name: fc.oneof(fc.constantFrom(...agentPrompts.map(({ name }) => name)), arbitraryHostileValue()),
        arguments: fc.oneof(fc.dictionary(fc.string(), fc.string()), arbitraryHostileValue()),
        uri: fc.oneof(fc.constantFrom(...uris), arbitraryHostileValue()),
        cursor: arbitraryHostileValue(),
        notifications: fc.constantFrom<unknown>({}, { toolsListChanged: true }, { resources: ["a"] }, []),
        protocolVersion: fc.constantFrom("2025-11-25", "2026-07-28", "none"),
        capabilities: fc.constantFrom<unknown>({}, { sampling: {} }, []),
        clientInfo: fc.constantFrom<unknown>({ name: "a", version: "1" }, "a"),
        inputResponses: arbitraryHostileValue(),
        requestState: arbitraryHostileValue(),
        _meta: metas(),
      },
      { requiredKeys: ["_meta"] },
    ),
    arbitraryHostileValue(),
  );
  const version = fc.oneof(
    { weight: 12, arbitrary: fc.constant<unknown>("2.0") },
    fc.constantFrom<unknown>("1.0", 2, null),
  );
  const message = fc.record({ jsonrpc: version, id: ids(), params }, { requiredKeys: ["jsonrpc"] });
  const asked = fc.tuple(message, fc.constantFrom(...methods)).map(([json, method]) => ({ ...json, method }));
  const answered = fc
    .tuple(ids(), arbitraryHostileValue(), fc.constantFrom("result", "error"))
    .map(([id, value, kind]) => ({ jsonrpc: "2.0", id, [kind]: value }));
  return fc.oneof({ weight: 9, arbitrary: asked }, { weight: 1, arbitrary: answered });
}

function changes(): fc.Arbitrary<Message> {
  return fc.record(
    { id: ids(), jsonrpc: arbitraryHostileValue(), method: arbitraryHostileValue() },
    { requiredKeys: [] },
  );
}

function ids(): fc.Arbitrary<unknown> {
  const odd: unknown[] = [
    0,
    -1,
    1.5,
    2 ** 53,
    "",
    "1",
    "a".repeat(5_000),
    null,
    true,
    [],
    {},
    { toString: 1 },
  ];
  return fc.oneof({ weight: 4, arbitrary: fc.nat() }, fc.string(), fc.constantFrom(...odd));
}

function metas(): fc.Arbitrary<unknown> {
  const changed = fc
    .tuple(fc.constantFrom(...Object.keys(messageFacts)), arbitraryHostileValue())
    .map(([name, value]) => ({ ...messageFacts, [name]: value }));
  return fc.oneof(
    { weight: 4, arbitrary: fc.constant<unknown>(messageFacts) },
    { weight: 2, arbitrary: changed },
    {
      weight: 1,
      arbitrary: fc.constantFrom<unknown>({ progressToken: 1 }, { progressToken: {} }, {}, null, "a"),
    },
  );
}

/** Names that stand twice, and numbers that no double holds. */
const members = [
  '"jsonrpc":"2.0"',
  '"method":"tools/list"',
  '"id":1e400',
  '"id":9007199254740993',
  '"__proto__":{"method":"ping"}',
  '"params":{"name":"a","name":"b"}',
];

const strange = [
  "[]",
  "[[]]",
  "null",
  '"tools/list"',
  "{}",
  `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":${'{"a":'.repeat(60)}1${"}".repeat(60)}}`,
  `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":${"[".repeat(30_000)}${"]".repeat(30_000)}}`,
  `{"jsonrpc":"2.0","id":"\\ud800","method":"tools/list"}`,
  `[${Array(200).fill('{"jsonrpc":"2.0","id":1,"method":"ping"}').join(",")}]`,
];
