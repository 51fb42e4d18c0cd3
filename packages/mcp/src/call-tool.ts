import { type CallToolResult, ProtocolError, ProtocolErrorCode } from "@modelcontextprotocol/server";
import type { Problem } from "@obsqra/contract";
import type { CallEndpoint } from "./agent-pages.ts";
import { type AgentTool, createAgentTools, TooManyRowsError, toolInput } from "./agent-tools.ts";
import { toToolError, toToolResult } from "./tool-result.ts";

/** What a tool is called with. */
export interface ToolCaller {
  /** Calls an endpoint for whoever has sent the message. */
  readonly call: CallEndpoint;
  /** What is told of an error that a call has thrown. */
  readonly toProblem: (error: unknown) => Problem;
}

/** Made once: the contract does not change while a process runs. */
let known: ReadonlyMap<string, AgentTool> | undefined;

/** All tools by their names. */
export function readAgentTools(): ReadonlyMap<string, AgentTool> {
  known ??= createAgentTools();
  return known;
}

/**
 * Calls the endpoint of a tool. What the endpoint refuses is a result, which a model can read.
 *
 * @throws ProtocolError where there is no such tool
 */
export async function callTool(
  { call, toProblem }: ToolCaller,
  name: string,
  given: Readonly<Record<string, unknown>> = {},
): Promise<CallToolResult> {
  const tool = readAgentTools().get(name);
  if (tool === undefined) {
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, "There is no such tool. See tools/list.");
  }
  try {
    return toToolResult(await call(tool.path, toolInput(tool, given)));
  } catch (error) {
    if (error instanceof TooManyRowsError) return toToolError(error.problem);
    const { code, detail, details } = toProblem(error);
    return toToolError({ code, detail, ...(details !== undefined && { details }) });
  }
}
