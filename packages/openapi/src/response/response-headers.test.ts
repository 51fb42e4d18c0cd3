import { contract, type Deprecation, type Endpoint } from "@obsqra/contract";
import { createResponseFacts } from "@obsqra/platform";
import { describe, expect, it } from "vitest";
import { callHeaders, endpointHeaders } from "./response-headers.ts";

function headersOf(...endpoints: readonly Endpoint[]): Record<string, string> {
  return endpointHeaders(endpoints);
}

describe("caching", () => {
  const { dashboard } = contract.analytics;

  it("lets a cache keep a response only if every endpoint of it says so", () => {
    expect(headersOf(dashboard)).toEqual({ "cache-control": "private, no-cache" });
    expect(headersOf(dashboard, contract.auth.me)).toEqual({ "cache-control": "no-store" });
    expect(headersOf()).toEqual({ "cache-control": "no-store" });
  });
});

describe("replays", () => {
  it("names a response as a replay", () => {
    const facts = createResponseFacts();
    facts.isReplayed = true;
    expect(callHeaders(facts)).toEqual({ "idempotent-replayed": "true" });
    expect(callHeaders(createResponseFacts())).toEqual({});
  });
});

describe("deprecation", () => {
  const documentation = '</docs>; rel="deprecation"; type="text/html"';

  function deprecated(deprecation?: Deprecation): Endpoint {
    return { ...contract.auth.me, ...(deprecation === undefined ? {} : { deprecation }) };
  }

  function deprecationOf(...endpoints: readonly Endpoint[]): Record<string, string> {
    const { "cache-control": _, ...headers } = headersOf(...endpoints);
    return headers;
  }

  it("says nothing of endpoints that stay", () => {
    expect(deprecationOf()).toEqual({});
    expect(deprecationOf(deprecated(), contract.transactions.list)).toEqual({});
  });

  it("says since when an endpoint is deprecated, when it goes, and what comes in its place", () => {
    const endpoint = deprecated({ since: "2026-11-23", sunset: "2027-05-23", successor: "users.profile" });
    expect(deprecationOf(endpoint)).toEqual({
      deprecation: "@1795392000",
      sunset: "Sun, 23 May 2027 00:00:00 GMT",
      link: `${documentation}, </api/v1/users/profile>; rel="successor-version"`,
    });
  });

  it("says no more than is decided, and links to no path that has yet to be filled in", () => {
    expect(deprecationOf(deprecated({ since: "2026-11-23" }))).toEqual({
      deprecation: "@1795392000",
      link: documentation,
    });
    const endpoint = deprecated({ since: "2026-11-23", successor: "transactions.get" });
    expect(deprecationOf(endpoint)).toMatchObject({ link: documentation });
  });

  it("says of a batch the earliest dates", () => {
    const headers = deprecationOf(
      deprecated({ since: "2026-11-25", sunset: "2027-01-01" }),
      deprecated(),
      deprecated({ since: "2026-11-24" }),
      deprecated({ since: "2026-12-24", sunset: "2026-12-31" }),
    );
    expect(headers).toEqual({
      deprecation: "@1795478400",
      sunset: "Thu, 31 Dec 2026 00:00:00 GMT",
      link: documentation,
    });
  });
});
