import { contract, type Deprecation, type Endpoint } from "@obsqra/contract";
import { expect, it } from "vitest";
import { deprecationHeaders } from "./deprecation-headers.ts";

function deprecated(deprecation?: Deprecation): Endpoint {
  return { ...contract.auth.me, ...(deprecation === undefined ? {} : { deprecation }) };
}

const documentation = '</docs>; rel="deprecation"; type="text/html"';

it("says nothing of endpoints that stay", () => {
  expect(deprecationHeaders([])).toEqual({});
  expect(deprecationHeaders([deprecated(), contract.transactions.list])).toEqual({});
});

it("says since when an endpoint is deprecated, when it goes, and what comes in its place", () => {
  expect(
    deprecationHeaders([
      deprecated({ since: "2026-11-23", sunset: "2027-05-23", successor: "users.profile" }),
    ]),
  ).toEqual({
    deprecation: "@1795392000",
    sunset: "Sun, 23 May 2027 00:00:00 GMT",
    link: `${documentation}, </api/v1/users/profile>; rel="successor-version"`,
  });
});

it("says no more than is decided, and links to no path that has yet to be filled in", () => {
  expect(deprecationHeaders([deprecated({ since: "2026-11-23" })])).toEqual({
    deprecation: "@1795392000",
    link: documentation,
  });
  expect(
    deprecationHeaders([deprecated({ since: "2026-11-23", successor: "transactions.get" })]),
  ).toMatchObject({
    link: documentation,
  });
});

it("says of a batch the earliest moments", () => {
  expect(
    deprecationHeaders([
      deprecated({ since: "2026-11-25", sunset: "2027-01-01" }),
      deprecated(),
      deprecated({ since: "2026-11-24" }),
      deprecated({ since: "2026-12-24", sunset: "2026-12-31" }),
    ]),
  ).toEqual({
    deprecation: "@1795478400",
    sunset: "Thu, 31 Dec 2026 00:00:00 GMT",
    link: documentation,
  });
});
