export type { CallEndpoint } from "./agent-pages.ts";
export type { McpParts } from "./create-mcp-server.ts";
export { createMcpService, type McpAnswer, type McpMessage, type McpService } from "./create-mcp-service.ts";
