import type {
  ApiKeys,
  CreateApiKeyInput,
  ListApiKeysInput,
  NewApiKey,
  RevokeApiKeyInput,
} from "@obsqra/contract";
import type { SessionPrincipal } from "../principal.ts";
import type { AuthDependencies } from "./auth-dependencies.ts";

type SignedIn = AuthDependencies & { readonly principal: SessionPrincipal };

export async function getApiKeys(_deps: SignedIn, _input: ListApiKeysInput): Promise<ApiKeys> {
  throw new Error("Not built yet.");
}

export async function createApiKey(_deps: SignedIn, _input: CreateApiKeyInput): Promise<NewApiKey> {
  throw new Error("Not built yet.");
}

export async function revokeApiKey(_deps: SignedIn, _input: RevokeApiKeyInput): Promise<undefined> {
  throw new Error("Not built yet.");
}
