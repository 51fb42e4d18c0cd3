import { OAuthError, type OAuthParameters } from "@obsqra/features";

/**
 * Reads what came in an address or a form, each name once (RFC 6749, 3.1): which of two values another would take cannot be told.
 *
 * @throws OAuthError invalid_request
 */
export function readParameters(text: string): OAuthParameters {
  const parameters = new URLSearchParams(text);
  const names = [...parameters.keys()];
  if (names.length !== new Set(names).size) {
    throw new OAuthError("invalid_request", "A parameter came more than once.");
  }
  return Object.fromEntries(parameters);
}
