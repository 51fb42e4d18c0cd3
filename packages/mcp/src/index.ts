export { createMcpHandler } from "@modelcontextprotocol/server";
export type { CallEndpoint } from "./agent-pages.ts";
export { createMcpServer, type McpParts } from "./create-mcp-server.ts";
