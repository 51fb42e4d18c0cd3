import { hashToken } from "./hash-token.ts";

/** Marks API keys, for people, and for scanners that look for leaked ones. */
const marker = "obsqra_";

/** Marks those of agents, which are API keys for one URL. */
const agentMarker = "obsqra_agent_";

/** An API key as its owner gets it, and as it is stored. */
export interface NewKey {
  readonly key: string;
  /** The part of the key that is not secret. */
  readonly prefix: string;
  readonly hash: Uint8Array;
}

/** Makes an API key, `obsqra_<8 characters to recognise it by>_<256 random bits>`. */
export function createKey(randomBytes: (size: number) => Uint8Array): NewKey {
  return renewKey(createPrefix(marker, randomBytes), randomBytes);
}

/** Makes the first key of an agent, `obsqra_agent_<8 characters>_<256 random bits>`. */
export function createAgentKey(randomBytes: (size: number) => Uint8Array): NewKey {
  return renewKey(createPrefix(agentMarker, randomBytes), randomBytes);
}

/** Makes another key in the place of one, which begins as that did. */
export function renewKey(prefix: string, randomBytes: (size: number) => Uint8Array): NewKey {
  const key = `${prefix}_${Buffer.from(randomBytes(32)).toString("base64url")}`;
  return { key, prefix, hash: hashToken(key) };
}

/** Whether a bearer token claims to be an API key. */
export function isApiKey(token: string): boolean {
  return token.startsWith(marker);
}

/** Whether a bearer token claims to be one that an agent got by OAuth. */
export function isAgentKey(token: string): boolean {
  return token.startsWith(agentMarker);
}

function createPrefix(mark: string, randomBytes: (size: number) => Uint8Array): string {
  return `${mark}${Buffer.from(randomBytes(4)).toString("hex")}`;
}
