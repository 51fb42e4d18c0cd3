import {
  classifyInboundRequest,
  isJSONRPCRequest,
  type JSONRPCMessage,
  type JSONRPCRequest,
  type MessageClassification,
  PerRequestHTTPServerTransport,
  Server,
  SUPPORTED_PROTOCOL_VERSIONS,
  type TransportSendOptions,
} from "@modelcontextprotocol/server";
import { callTool } from "./call-tool.ts";
import { identity, type McpParts } from "./create-mcp-server.ts";
import type { McpAnswer, McpMessage } from "./create-mcp-service.ts";

/** A call of a tool about which there is nothing to be said. */
export interface ToolCall {
  readonly message: JSONRPCRequest;
  readonly classification: MessageClassification;
  readonly name: string;
  readonly given: Readonly<Record<string, unknown>> | undefined;
}

/** The version without sessions. The library has no name for it yet. */
const statelessVersion = "2026-07-28";
const versions = [...SUPPORTED_PROTOCOL_VERSIONS, statelessVersion];

/**
 * Finds out whether a message is a call of a tool whose headers say what it says.
 *
 * @returns undefined for anything else, and for whatever is to be refused: the library's handler says why
 */
export function findToolCall({ headers, body }: McpMessage): ToolCall | undefined {
  if (!isObject(body) || body.method !== "tools/call" || !isObject(body.params)) return undefined;
  const { name, arguments: given } = body.params;
  if (typeof name !== "string" || (given !== undefined && !isObject(given))) return undefined;
  const [version, method, named] = ["mcp-protocol-version", "mcp-method", "mcp-name"].map((header) =>
    headers[header]?.toString(),
  );
  const route = classifyInboundRequest({
    httpMethod: "POST",
    ...(version !== undefined && { protocolVersionHeader: version }),
    ...(method !== undefined && { mcpMethodHeader: method }),
    body,
  });
  if (route.kind === "modern" && route.messageKind === "request") {
    const isPlain = version === statelessVersion && method === body.method && named === name;
    const { message, classification } = route;
    return isPlain ? { message, classification, name, given } : undefined;
  }
  const isKnown = version === undefined || SUPPORTED_PROTOCOL_VERSIONS.includes(version);
  if (route.kind !== "legacy" || !isKnown || !acceptsBoth(headers) || !isJSONRPCRequest(body))
    return undefined;
  return { message: body, classification: { era: "legacy" }, name, given };
}

/** The versions with sessions ask for that. */
function acceptsBoth({ accept = "" }: McpMessage["headers"]): boolean {
  return accept.includes("application/json") && accept.includes("text/event-stream");
}

/**
 * Calls a tool by a server of its own (CVE-2026-25536), and gives what it would send. The library's handler would make a request and a
 * response of the web around it, and check by schemas what was checked here and what the contract has checked: that took twice as long as
 * all the rest of a call.
 */
export async function answerToolCall(call: ToolCall, parts: McpParts): Promise<McpAnswer> {
  const { message, classification, name, given } = call;
  const server = new Server(identity(parts.version), {
    capabilities: { tools: {} },
    supportedProtocolVersions: versions,
  });
  server.fallbackRequestHandler = () => callTool(parts, name, given);
  const exchange = new Exchange({ classification });
  await server.connect(exchange);
  const answer = await Promise.race([exchange.result, exchange.handleMessage(message)]);
  if (!(answer instanceof Response)) return { status: 200, type, text: JSON.stringify(answer) };
  return { status: answer.status, type, text: await answer.text() };
}

const type = "application/json";

/** One message and its answer. A result is taken as it is; of an error, the library makes a response, whose status depends on it. */
class Exchange extends PerRequestHTTPServerTransport {
  readonly #result = Promise.withResolvers<JSONRPCMessage>();
  readonly result = this.#result.promise;

  override async send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    if ("result" in message) this.#result.resolve(message);
    else await super.send(message, options);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
