import { AppError } from "@obsqra/platform";
import type { IdentityProvider } from "../accounts/identities/providers/identity-provider.ts";

/** What the test provider vouches for. */
export interface TestIdentity {
  readonly subject: string;
  /** @default none that is verified */
  readonly email?: string;
  readonly session?: string;
}

/**
 * Makes a provider that asks nobody, and has no pages: its answers are made by `answerOf`, for the address that a browser would have opened.
 */
export function createTestIdentityProvider({ id = "test", name = "Test" } = {}): IdentityProvider {
  const issuer = `https://${id}.example`;
  return {
    id,
    name,
    issuer,
    begin: async ({ state, nonce }) => `${issuer}/authorize?${new URLSearchParams({ state, nonce })}`,
    prove: async (answer, { state, nonce }) => {
      const said = new URLSearchParams(answer);
      if (said.get("state") !== state || said.get("nonce") !== nonce) throw rejected();
      const { subject = "", email, session } = JSON.parse(said.get("code") ?? "{}") as Partial<TestIdentity>;
      if (subject === "") throw rejected();
      return { subject, emails: email === undefined ? [] : [email], name: undefined, session };
    },
  };
}

/** What the test provider answers to a browser that has opened the address of its page. */
export function answerOf(authorizationUrl: string, identity: TestIdentity): string {
  const asked = new URL(authorizationUrl).searchParams;
  return new URLSearchParams({
    state: asked.get("state") ?? "",
    nonce: asked.get("nonce") ?? "",
    code: JSON.stringify(identity),
  }).toString();
}

function rejected(): AppError<"IDENTITY_REJECTED"> {
  return new AppError("IDENTITY_REJECTED", { provider_error: null });
}
