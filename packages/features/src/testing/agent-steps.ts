import { createHash } from "node:crypto";
import { registerAgentClient } from "../accounts/agents/agent-client.ts";
import { type OAuthParameters, oauthNames, readAgentRequest } from "../accounts/agents/agent-request.ts";
import { type AgentTokens, renewAgentTokens } from "../accounts/agents/agent-tokens.service.ts";
import type { createCaller } from "../root.ts";
import type { TestApi } from "./create-test-api.ts";

/** Where the test's agent has its user sent back to. */
export const agentCallback = "http://127.0.0.1/callback";

/** What proves that the agent which asked is the one that comes for its key. */
export const agentVerifier = "v".repeat(43);

/** An agent that is registered and asks, as its user's browser brings it. */
export function agentParameters({ deps }: Pick<TestApi, "deps">): OAuthParameters {
  const metadata = { client_name: "Test agent", redirect_uris: [agentCallback] };
  return {
    client_id: registerAgentClient(deps, metadata).client_id,
    redirect_uri: agentCallback,
    response_type: "code",
    code_challenge: createHash("sha256").update(agentVerifier).digest("base64url"),
    code_challenge_method: "S256",
    resource: oauthNames(deps).resource,
    state: "as it came",
  };
}

/** What the page sends that asks the agent's user. */
export async function askAsAgent(
  api: Pick<TestApi, "deps">,
  parameters = agentParameters(api),
): Promise<string> {
  const asked = await readAgentRequest(api.deps, parameters);
  if ("refusedTo" in asked) throw new Error(`The agent is refused: ${asked.refusedTo}`);
  return asked.request;
}

/** Lets the test's agent in, and gives what it gets. */
export async function letAgentIn(
  api: TestApi,
  user: ReturnType<typeof createCaller>,
  parameters = agentParameters(api),
): Promise<AgentTokens & { readonly client_id: string; readonly code: string }> {
  const { redirect_to } = await user.auth.allow_agent({ request: await askAsAgent(api, parameters) });
  const code = new URL(redirect_to).searchParams.get("code") ?? "";
  const { client_id = "" } = parameters;
  const form = { grant_type: "authorization_code", code, code_verifier: agentVerifier, client_id };
  return { ...(await renewAgentTokens(testAgent(api), form)), client_id, code };
}

/** What the service knows of the test's agent when it comes for its key. */
export function testAgent({ deps }: Pick<TestApi, "deps">) {
  return {
    ...deps,
    request: { id: "test-request", access_token: undefined, ip: "127.0.0.1", user_agent: "agent" },
  };
}
