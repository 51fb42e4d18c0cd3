import { createMcpHandler } from "@modelcontextprotocol/server";
import { createMcpServer, type McpParts } from "./create-mcp-server.ts";
import { answerToolCall, findToolCall } from "./plain-tool-call.ts";
import { refuseParams } from "./refuse-params.ts";

/** A message as it came over HTTP. */
export interface McpMessage {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** What the body says. */
  readonly body: unknown;
}

/** What is answered over HTTP. */
export interface McpAnswer {
  readonly status: number;
  /** Undefined where there is nothing to read. */
  readonly type: string | undefined;
  readonly text: string;
}

/** Answers messages of agents. */
export interface McpService {
  /** @param parts whose calls are those of whoever has sent the message */
  answer(message: McpMessage, parts: McpParts): Promise<McpAnswer>;
}

interface McpServiceOptions {
  /** Told of messages that the protocol's library has refused. */
  readonly onRefused: (error: Error) => void;
}

/**
 * Makes what answers messages, each by a server of its own. Calls of tools, which agents make all day, go a shorter way than what is
 * asked once or is not as it should be: that is left to the handler of the protocol's library.
 */
export function createMcpService({ onRefused }: McpServiceOptions): McpService {
  const asked = new WeakMap<Request, McpParts>();
  const handler = createMcpHandler(({ requestInfo }) => createMcpServer(partsOf(requestInfo)), {
    onerror: onRefused,
  });

  return {
    answer: async (message, parts) => {
      const call = findToolCall(message);
      if (call !== undefined) return answerToolCall(call, parts);
      const refused = await refuseParams(message.body);
      if (refused !== undefined) return refused;
      const request = toRequest(message);
      asked.set(request, parts);
      const response = await handler.fetch(request, { parsedBody: message.body });
      // It is there before what a page is made of has been called for; its text comes last.
      const text = await response.text();
      return { status: response.status, type: response.headers.get("content-type") ?? undefined, text };
    },
  };

  function partsOf(request: Request | undefined): McpParts {
    const parts = request === undefined ? undefined : asked.get(request);
    if (parts === undefined)
      throw new Error("The handler asks for the server of a message that nobody has sent.");
    return parts;
  }
}

/** The handler reads the headers alone: where a message was sent to says nothing. */
function toRequest({ headers }: McpMessage): Request {
  const sent = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) sent.set(name, String(value));
  }
  return new Request("http://service.invalid/mcp", { method: "POST", headers: sent });
}
