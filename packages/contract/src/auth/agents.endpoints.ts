import { defineEndpoint } from "../endpoints/endpoint.ts";
import { allowAgentInput, allowedAgent } from "./agents.schema.ts";

export const agentsEndpoints = {
  allow_agent: defineEndpoint({
    kind: "mutation",
    access: "recent_session",
    weight: 5,
    rest: { method: "POST", path: "/auth/agents", status: 201 },
    summary: "Let an agent that asks by OAuth act for you",
    description:
      "The last step of what begins at /oauth/authorize. The agent gets a key for /mcp only, with the scopes that it asked for, or those of them that are given, which it renews by itself for 90 days. auth.api_keys lists it, and auth.revoke_api_key ends it.",
    input: allowAgentInput,
    output: allowedAgent,
    givesCredentials: true,
    errors: ["AGENT_REQUEST_INVALID", "API_KEY_LIMIT_REACHED"],
  }),
} as const;
