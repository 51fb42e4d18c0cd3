import type { ListSessionsInput, RevokeSessionInput, Sessions } from "@obsqra/contract";
import type { SessionPrincipal } from "../principal.ts";
import type { AuthDependencies } from "./auth-dependencies.ts";

type SignedIn = AuthDependencies & { readonly principal: SessionPrincipal };

export async function getSessions(_deps: SignedIn, _input: ListSessionsInput): Promise<Sessions> {
  throw new Error("Not built yet.");
}

export async function revokeOneSession(_deps: SignedIn, _input: RevokeSessionInput): Promise<undefined> {
  throw new Error("Not built yet.");
}

export async function logoutEverywhere(_deps: SignedIn): Promise<undefined> {
  throw new Error("Not built yet.");
}
