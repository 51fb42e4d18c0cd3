import type {
  ConfirmEmailChangeInput,
  EmailChange,
  RequestEmailChangeInput,
  VerifyEmailInput,
} from "@obsqra/contract";
import type { SessionPrincipal } from "../principal.ts";
import type { AuthDependencies } from "./auth-dependencies.ts";

type SignedIn = AuthDependencies & { readonly principal: SessionPrincipal };

export async function requestEmailVerification(_deps: SignedIn): Promise<undefined> {
  throw new Error("Not built yet.");
}

export async function verifyEmail(_deps: AuthDependencies, _input: VerifyEmailInput): Promise<undefined> {
  throw new Error("Not built yet.");
}

export async function requestEmailChange(
  _deps: SignedIn,
  _input: RequestEmailChangeInput,
): Promise<undefined> {
  throw new Error("Not built yet.");
}

export async function confirmEmailChange(
  _deps: AuthDependencies,
  _input: ConfirmEmailChangeInput,
): Promise<EmailChange> {
  throw new Error("Not built yet.");
}
