/** What an agent asks for, as the address of the page has it. */
export interface AgentRequestView {
  readonly request?: string | undefined;
}

/** What is shown of it. Whoever has changed it gets nothing: the service has sealed what it has found good. */
export interface ShownAgentRequest {
  readonly client_name: string;
  /** Host that vouches for the agent. */
  readonly client_host: string | null;
  readonly redirect_host: string;
  readonly scopes: readonly string[];
}

export function readAgentRequestView(search: Record<string, unknown>): AgentRequestView {
  const { request } = search;
  return typeof request === "string" ? { request } : {};
}

/** @returns undefined for what nobody could have asked */
export function readShownRequest(request: string): ShownAgentRequest | undefined {
  try {
    const [shown = ""] = request.split(".");
    const binary = atob(shown.replaceAll("-", "+").replaceAll("_", "/"));
    const text = new TextDecoder().decode(Uint8Array.from(binary, (character) => character.charCodeAt(0)));
    const { client_name, client_host, redirect_host, scopes } = JSON.parse(text) as Record<string, unknown>;
    const isWhole =
      typeof client_name === "string" && typeof redirect_host === "string" && Array.isArray(scopes);
    if (!isWhole) return undefined;
    const host = typeof client_host === "string" ? client_host : null;
    return { client_name, client_host: host, redirect_host, scopes: scopes.map(String) };
  } catch {
    return undefined;
  }
}
