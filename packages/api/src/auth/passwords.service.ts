import type {
  ChangePasswordInput,
  ReauthenticateInput,
  RequestPasswordResetInput,
  ResetPasswordInput,
  Tokens,
} from "@obsqra/contract";
import type { SessionPrincipal } from "../principal.ts";
import type { AuthDependencies } from "./auth-dependencies.ts";

type SignedIn = AuthDependencies & { readonly principal: SessionPrincipal };

export async function reauthenticate(_deps: SignedIn, _input: ReauthenticateInput): Promise<Tokens> {
  throw new Error("Not built yet.");
}

export async function changePassword(_deps: SignedIn, _input: ChangePasswordInput): Promise<undefined> {
  throw new Error("Not built yet.");
}

export async function requestPasswordReset(
  _deps: AuthDependencies,
  _input: RequestPasswordResetInput,
): Promise<undefined> {
  throw new Error("Not built yet.");
}

export async function resetPassword(_deps: AuthDependencies, _input: ResetPasswordInput): Promise<undefined> {
  throw new Error("Not built yet.");
}
