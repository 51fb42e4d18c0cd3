import type { Deprecation, Endpoint } from "@obsqra/contract";
import { listEndpoints } from "@obsqra/contract";
import type { LimitState, ResponseFacts } from "@obsqra/platform";

/**
 * The headers that are the same for every response to one endpoint or, in a batch, to several: whether a cache may keep it, and
 * whether an endpoint is deprecated. The same on REST and tRPC, as those of `callHeaders`.
 */
export function endpointHeaders(endpoints: readonly Endpoint[]): Record<string, string> {
  return { ...cacheHeaders(endpoints), ...deprecationHeaders(endpoints) };
}

/** The headers that depend on the call: how far limits are used, and whether the response is a replay. */
export function callHeaders(facts: ResponseFacts): Record<string, string> {
  return { ...limitHeaders(facts), ...replayHeaders(facts) };
}

/**
 * The `Cache-Control` of responses that the user's own cache may keep, if it asks each time whether they have changed.
 * `revalidate` checks that.
 */
export const revalidated = "private, no-cache";

/** A response belongs to one user, and most change: no cache may keep it, unless every endpoint says otherwise. */
function cacheHeaders(endpoints: readonly Endpoint[]): Record<string, string> {
  const all = endpoints.length > 0 && endpoints.every((endpoint) => endpoint.revalidates);
  return { "cache-control": all ? revalidated : "no-store" };
}

/**
 * How far each limit is used, as structured field lists: `RateLimit-Policy: "user";q=600;w=60` and
 * `RateLimit: "user";r=599;t=60` (draft-ietf-httpapi-ratelimit-headers-10).
 */
function limitHeaders({ limits }: ResponseFacts): Record<string, string> {
  if (limits.size === 0) return {};
  const list = (item: (state: LimitState) => string) => [...limits.values()].map(item).join(", ");
  return {
    "ratelimit-policy": list(
      ({ policy, quota, window_seconds }) => `"${policy}";q=${quota};w=${window_seconds}`,
    ),
    ratelimit: list(
      ({ policy, remaining, reset_seconds }) => `"${policy}";r=${remaining};t=${reset_seconds}`,
    ),
  };
}

/** Whether this is the response to an earlier request with the same idempotency key. */
function replayHeaders({ isReplayed }: ResponseFacts): Record<string, string> {
  return isReplayed ? { "idempotent-replayed": "true" } : {};
}

/**
 * Since when an endpoint is deprecated and when it goes: `Deprecation` (RFC 9745), `Sunset` (RFC 8594), and links to the
 * documentation and to the successor (RFC 5829), unless the successor's path has parameters. Of several endpoints, the
 * earliest dates.
 */
function deprecationHeaders(endpoints: readonly Endpoint[]): Record<string, string> {
  const deprecations = endpoints.map(({ deprecation }) => deprecation).filter((each) => each !== undefined);
  if (deprecations.length === 0) return {};
  const since = earliest(deprecations.map((each) => each.since));
  const sunset = earliest(deprecations.map((each) => each.sunset));
  const links = new Set(deprecations.flatMap(listLinks));
  return {
    ...(since === undefined ? {} : { deprecation: `@${since.getTime() / 1000}` }),
    ...(sunset === undefined ? {} : { sunset: sunset.toUTCString() }),
    link: [...links].join(", "),
  };
}

/** The beginning, in UTC, of the earliest of some days such as `2026-11-23`. */
function earliest(days: readonly (string | undefined)[]): Date | undefined {
  const [first] = days.filter((day) => day !== undefined).sort();
  return first === undefined ? undefined : new Date(`${first}T00:00:00Z`);
}

function listLinks({ successor }: Deprecation): string[] {
  const path = listEndpoints().find((named) => named.path === successor)?.endpoint.rest.path;
  return [
    `</docs>; rel="deprecation"; type="text/html"`,
    ...(path === undefined || path.includes(":") ? [] : [`</api/v1${path}>; rel="successor-version"`]),
  ];
}
