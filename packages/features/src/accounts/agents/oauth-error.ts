/** What OAuth calls what went wrong (RFC 6749, 4.1.2.1 and 5.2; RFC 7591, 3.2.2; RFC 8707, 2). */
export type OAuthErrorName =
  | "invalid_request"
  | "invalid_client"
  | "invalid_client_metadata"
  | "invalid_grant"
  | "invalid_redirect_uri"
  | "invalid_scope"
  | "invalid_target"
  | "unsupported_grant_type"
  | "unsupported_response_type";

/** A refusal that an agent is told in the words of OAuth. */
export class OAuthError extends Error {
  override readonly name = "OAuthError";
  readonly error: OAuthErrorName;

  /** @param description for the agent's developer, in ASCII and without quotes */
  constructor(error: OAuthErrorName, description: string) {
    super(description);
    this.error = error;
  }
}
