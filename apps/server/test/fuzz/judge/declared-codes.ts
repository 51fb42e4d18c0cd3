import {
  accessErrorCodes,
  type ErrorCode,
  mutationErrorCodes,
  type NamedEndpoint,
  sharedErrorCodes,
} from "@obsqra/contract";

/** All codes that an endpoint can refuse with by the contract. */
export function declaredCodes({ endpoint }: NamedEndpoint): ReadonlySet<ErrorCode> {
  return new Set([
    ...sharedErrorCodes,
    ...accessErrorCodes(endpoint),
    ...(endpoint.kind === "mutation" ? mutationErrorCodes : []),
    ...endpoint.errors,
  ]);
}
