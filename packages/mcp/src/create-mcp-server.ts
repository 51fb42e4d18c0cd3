import {
  type GetPromptResult,
  ProtocolError,
  ProtocolErrorCode,
  type ReadResourceResult,
  ResourceNotFoundError,
  Server,
} from "@modelcontextprotocol/server";
import { type AgentPage, agentInstructions, agentPages, agentPrompts } from "@obsqra/contract";
import { findPage, isTemplate, readPage } from "./agent-pages.ts";
import { callTool, readAgentTools, type ToolCaller } from "./call-tool.ts";

/** What an MCP server is made of. */
export interface McpParts extends ToolCaller {
  /** Of the service. */
  readonly version: string;
}

/**
 * Makes a server of the Model Context Protocol, 2026-07-28, for one message or one connection: two callers never share one
 * (CVE-2026-25536). Tools are endpoints of the contract, resources its pages, and all that it does is done by calls.
 */
export function createMcpServer(parts: McpParts): Server {
  const { call, toProblem, version } = parts;
  const server = new Server(identity(version), {
    capabilities: { tools: {}, resources: {}, prompts: {} },
    instructions: agentInstructions,
  });

  server.setRequestHandler("tools/list", async () => {
    return { tools: Array.from(readAgentTools().values(), ({ definition }) => definition) };
  });

  server.setRequestHandler("tools/call", async ({ params }) =>
    callTool(parts, params.name, params.arguments),
  );

  server.setRequestHandler("resources/list", async () => {
    const pages = agentPages.filter((page) => !isTemplate(page));
    return { resources: pages.map(({ uri, ...page }) => ({ uri, ...describe(page) })) };
  });

  server.setRequestHandler("resources/templates/list", async () => {
    const pages = agentPages.filter(isTemplate);
    return { resourceTemplates: pages.map(({ uri, ...page }) => ({ uriTemplate: uri, ...describe(page) })) };
  });

  server.setRequestHandler("resources/read", async ({ params }): Promise<ReadResourceResult> => {
    const found = findPage(params.uri);
    if (found === undefined) throw new ResourceNotFoundError(params.uri);
    try {
      const text = await readPage(found, call);
      return { contents: [{ uri: params.uri, mimeType: markdown, text }] };
    } catch (error) {
      const { code, detail, status } = toProblem(error);
      const { InternalError, InvalidParams } = ProtocolErrorCode;
      throw new ProtocolError(status < 500 ? InvalidParams : InternalError, `${code}: ${detail}`);
    }
  });

  server.setRequestHandler("prompts/list", async () => {
    return {
      prompts: agentPrompts.map(({ name, title, description, argument }) => ({
        name,
        title,
        description,
        arguments: [{ ...argument, required: true }],
      })),
    };
  });

  server.setRequestHandler("prompts/get", async ({ params }): Promise<GetPromptResult> => {
    const prompt = agentPrompts.find(({ name }) => name === params.name);
    if (prompt === undefined) {
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, "There is no such prompt. See prompts/list.");
    }
    const { argument, text, description } = prompt;
    const value = params.arguments?.[argument.name] ?? "";
    // An id: what is none would be an instruction of whoever has written it.
    if (!/^[\w-]{1,64}$/.test(value)) {
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, `${argument.name} has to be an id.`);
    }
    const asked = text.replaceAll(`{${argument.name}}`, value);
    return { description, messages: [{ role: "user", content: { type: "text", text: asked } }] };
  });

  return server;
}

/** What a server calls itself. */
export function identity(version: string) {
  return { name: "obsqra", title: "Obsqra", version };
}

const markdown = "text/markdown";

function describe({ name, title, description }: Pick<AgentPage, "name" | "title" | "description">) {
  return { name, title, description, mimeType: markdown };
}
