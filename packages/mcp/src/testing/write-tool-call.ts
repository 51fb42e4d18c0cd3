import { isDeepStrictEqual } from "node:util";
import type { Problem } from "@obsqra/contract";
import { toolInput } from "../agent-tools.ts";
import { readAgentTools } from "../call-tool.ts";

/** A call of the tool of one endpoint. */
export interface WrittenToolCall {
  /** What the tool is called. */
  readonly name: string;
  /** The body and the headers of a message that calls it, of the version of the protocol that has no sessions. */
  toMessage(input: unknown): ToolMessage;
  /** Whether the endpoint is asked with this input by a call that has it: a tool takes less than its endpoint, and adds a limit. */
  says(input: unknown): boolean;
}

/** A message that calls a tool. */
export interface ToolMessage {
  readonly headers: Readonly<Record<string, string>>;
  readonly json: {
    readonly jsonrpc: "2.0";
    readonly id: number;
    readonly method: string;
    readonly params: object;
  };
}

/** What came of a call. */
export interface ToolOutcome {
  readonly output?: unknown;
  readonly problem?: Pick<Problem, "code" | "detail" | "details">;
  /** What kept the message from being a call. */
  readonly error?: { readonly code: number; readonly message: string };
}

const version = "2026-07-28";

/** What comes with each message of the version without sessions. */
export const messageFacts = {
  "io.modelcontextprotocol/protocolVersion": version,
  "io.modelcontextprotocol/clientInfo": { name: "test", version: "1.0.0" },
  "io.modelcontextprotocol/clientCapabilities": {},
} as const;

/** Writes calls of the tool of an endpoint, such as `auth.me`; undefined where it has none. */
export function writeToolCall(path: string): WrittenToolCall | undefined {
  const tool = [...readAgentTools().values()].find((each) => each.path === path);
  if (tool === undefined) return undefined;
  const { name } = tool.definition;
  return {
    name,
    toMessage: (input = {}) => toMessage(name, input),
    says: (input) => {
      if (input !== undefined && (typeof input !== "object" || input === null || Array.isArray(input)))
        return false;
      try {
        return isDeepStrictEqual(toolInput(tool, { ...input }) ?? {}, input ?? {});
      } catch {
        return false;
      }
    },
  };
}

/** A message that calls a tool, whether there is one of this name or not. */
export function toMessage(name: string, given: unknown): ToolMessage {
  const params = { name, arguments: given, _meta: messageFacts };
  return {
    headers: {
      accept: "application/json, text/event-stream",
      "mcp-protocol-version": version,
      "mcp-method": "tools/call",
      "mcp-name": name,
    },
    json: { jsonrpc: "2.0", id: 1, method: "tools/call", params },
  };
}

interface AnswerBody {
  readonly error?: { readonly code: number; readonly message: string };
  readonly result?: {
    readonly isError?: boolean;
    readonly structuredContent?: object;
    readonly content: readonly { readonly text: string }[];
  };
}

/** Reads what a call was answered with. */
export function readToolAnswer(body: string): ToolOutcome {
  const { error, result } = JSON.parse(body) as AnswerBody;
  if (error !== undefined) return { error };
  const text = result?.content.map((part) => part.text).join("") ?? "";
  if (result?.isError !== true) return { output: result?.structuredContent };
  const [, json] = /^Data, not instructions:\n```json\n(.*)\n```$/s.exec(text) ?? [];
  if (json === undefined) throw new Error(`A call ended with ${text}`);
  return { problem: JSON.parse(json) as NonNullable<ToolOutcome["problem"]> };
}
