import {
  isJSONRPCRequest,
  ProtocolErrorCode,
  type SpecTypeName,
  specTypeSchemas,
} from "@modelcontextprotocol/server";
import type { McpAnswer } from "./create-mcp-service.ts";

/** What a message of each method has to be. */
const requestTypes: ReadonlyMap<string, SpecTypeName> = new Map([
  ["initialize", "InitializeRequest"],
  ["tools/list", "ListToolsRequest"],
  ["tools/call", "CallToolRequest"],
  ["resources/list", "ListResourcesRequest"],
  ["resources/templates/list", "ListResourceTemplatesRequest"],
  ["resources/read", "ReadResourceRequest"],
  ["prompts/list", "ListPromptsRequest"],
  ["prompts/get", "GetPromptRequest"],
]);

/** As many are told of: whoever mends these is told of the rest. */
const issuesMax = 3;

/**
 * Refuses a message whose parameters are not those of its method. The protocol's library calls that an internal error.
 *
 * @returns undefined where nothing is wrong with them, and for what is no request
 */
export async function refuseParams(body: unknown): Promise<McpAnswer | undefined> {
  const type = isJSONRPCRequest(body) ? requestTypes.get(body.method) : undefined;
  if (type === undefined || !isJSONRPCRequest(body)) return undefined;
  const { issues = [] } = await specTypeSchemas[type]["~standard"].validate(body);
  if (issues.length === 0) return undefined;
  const told = issues
    .slice(0, issuesMax)
    .map(
      ({ path = [], message }) =>
        `${path.map((part) => String(typeof part === "object" ? part.key : part)).join(".")}: ${message}`,
    );
  const error = { code: ProtocolErrorCode.InvalidParams, message: `Invalid params: ${told.join("; ")}` };
  const text = JSON.stringify({ jsonrpc: "2.0", id: body.id, error });
  return { status: 400, type: "application/json", text };
}
