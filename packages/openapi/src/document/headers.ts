import { type Endpoint, isList } from "@obsqra/contract";
import { takesBody } from "../rest/read-input.ts";
import type { DocumentPart } from "./components.ts";

/** The headers that responses carry, by component name. */
export const headerComponents = {
  RequestId: {
    description: "Names the request in the service's log.",
    schema: { type: "string" },
    example: "019bc186-de00-7000-8000-a19af8b2bbf6",
  },
  RetryAfter: {
    description: "Seconds to wait before trying again; absent where waiting does not help.",
    schema: { type: "integer", minimum: 0 },
    example: 5,
  },
  WwwAuthenticate: {
    description: 'Asks for a bearer token; has error="invalid_token" when the one that came was refused.',
    schema: { type: "string" },
    example: 'Bearer realm="obsqra", error="invalid_token"',
  },
  Accept: {
    description: "The content type that bodies have to have; with UNSUPPORTED_MEDIA_TYPE.",
    schema: { type: "string" },
    example: "application/json",
  },
  AcceptEncoding: {
    description: "That bodies are taken as they are only; with UNSUPPORTED_CONTENT_ENCODING.",
    schema: { type: "string" },
    example: "identity",
  },
  RateLimit: {
    description:
      "For each limit that the call was counted against: r, the points that are left, and t, the seconds until there are more (draft-ietf-httpapi-ratelimit-headers-10). Absent when a request is refused before it is counted. A streamed batch has the limit of the address only, as at its start.",
    schema: { type: "string" },
    example: '"ip";r=1199;t=60',
  },
  RateLimitPolicy: {
    description:
      "The same limits as they are set: q, the points of a window, and w, its length in seconds. A call counts one point, unless its description says more.",
    schema: { type: "string" },
    example: '"ip";q=1200;w=60',
  },
  IdempotentReplayed: {
    description:
      "`true` when this is the response to an earlier request with the same Idempotency-Key; absent otherwise.",
    schema: { type: "string", const: "true" },
    example: "true",
  },
  ETag: {
    description:
      "Identifies this version of the response. Send it back as If-None-Match to ask whether it is still the same.",
    schema: { type: "string" },
    example: '"x3Jq8mVfOQe0mYb7Zs5w0g"',
  },
  CacheControl: {
    description:
      "Who may keep the response: its user's own cache only, which has to ask each time whether it is still the same.",
    schema: { type: "string" },
    example: "private, no-cache",
  },
  Link: {
    description:
      'Addresses that belong to the response (RFC 8288): `rel="next"` is the next page of a list, absent on the last; `rel="first"` is the first.',
    schema: { type: "string" },
    example: '</api/v1/transactions?limit=20&cursor=eyJpZCI6IjEifQ>; rel="next"',
  },
  Deprecation: {
    description: "Since when the operation is deprecated, as `@` and seconds since 1970 (RFC 9745).",
    schema: { type: "string" },
    example: "@1795392000",
  },
  Sunset: {
    description: "When the operation may stop working (RFC 8594).",
    schema: { type: "string" },
    example: "Sun, 23 May 2027 00:00:00 GMT",
  },
} as const satisfies { readonly [name: string]: DocumentPart };

/** The headers of an endpoint's successful response. */
export function successHeaders(endpoint: Endpoint): DocumentPart {
  return {
    ...commonHeaders(endpoint),
    ...(endpoint.kind === "mutation" ? refer({ "idempotent-replayed": "IdempotentReplayed" }) : {}),
    ...(endpoint.revalidates ? notModifiedHeaders(endpoint) : {}),
    ...(isList(endpoint) ? refer({ link: "Link" }) : {}),
  };
}

/** The headers of a 304, which says that what the caller has is still the same. */
export function notModifiedHeaders(endpoint: Endpoint): DocumentPart {
  return { ...commonHeaders(endpoint), ...refer({ etag: "ETag", "cache-control": "CacheControl" }) };
}

/** The headers of an endpoint's error responses with this status. */
export function errorHeaders(endpoint: Endpoint, status: number): DocumentPart {
  return {
    ...(isRefusedUnread(endpoint, status) ? refer({ "x-request-id": "RequestId" }) : commonHeaders(endpoint)),
    ...(isKept(endpoint, status) ? refer({ "idempotent-replayed": "IdempotentReplayed" }) : {}),
    ...(status === 415 ? refer({ accept: "Accept", "accept-encoding": "AcceptEncoding" }) : {}),
    ...(status === 401 ? refer({ "www-authenticate": "WwwAuthenticate" }) : {}),
    ...(status === 429 || status === 503 ? refer({ "retry-after": "RetryAfter" }) : {}),
  };
}

/** What every response carries that comes from a procedure. */
function commonHeaders({ deprecation }: Endpoint): DocumentPart {
  return {
    ...refer({ "x-request-id": "RequestId", ratelimit: "RateLimit", "ratelimit-policy": "RateLimitPolicy" }),
    ...(deprecation === undefined ? {} : refer({ deprecation: "Deprecation", link: "Link" })),
    ...(deprecation?.sunset === undefined ? {} : refer({ sunset: "Sunset" })),
  };
}

/** Whether the status says that a body was not read, so that no procedure was called and nothing counted. */
function isRefusedUnread(endpoint: Endpoint, status: number): boolean {
  return takesBody(endpoint) && (status === 413 || status === 415);
}

/** Whether an error with this status may be what the first request with an idempotency key ended with. */
function isKept(endpoint: Endpoint, status: number): boolean {
  const isDecidedBefore = status === 403 || isRefusedUnread(endpoint, status);
  return endpoint.kind === "mutation" && status < 500 && status !== 429 && !isDecidedBefore;
}

function refer(headers: { readonly [header: string]: keyof typeof headerComponents }): DocumentPart {
  const entries = Object.entries(headers);
  return Object.fromEntries(
    entries.map(([header, name]) => [header, { $ref: `#/components/headers/${name}` }]),
  );
}
