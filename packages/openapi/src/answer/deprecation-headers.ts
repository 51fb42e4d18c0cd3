import type { Endpoint } from "@obsqra/contract";

/** That an endpoint is going to go, and when: `Deprecation` (RFC 9745), `Sunset` (RFC 8594) and a link. */
export function deprecationHeaders(_endpoints: readonly Endpoint[]): Record<string, string> {
  return {};
}
