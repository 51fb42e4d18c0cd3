import type { Deprecation, Endpoint } from "@obsqra/contract";
import { listEndpoints } from "@obsqra/contract";

/**
 * That an endpoint is going to go, and when: `Deprecation` (RFC 9745), `Sunset` (RFC 8594), and links to the documentation
 * and, where its path says all, to the successor (RFC 5829). Of several endpoints, the earliest moments.
 */
export function deprecationHeaders(endpoints: readonly Endpoint[]): Record<string, string> {
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
