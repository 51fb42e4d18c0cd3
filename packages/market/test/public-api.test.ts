import { expect, it } from "vitest";
import * as market from "../src/index.ts";
import * as testing from "../src/testing/index.ts";

it("exports exactly this", () => {
  expect(Object.keys(market).sort()).toMatchInlineSnapshot(`
    [
      "MarketSourceError",
      "assertReadableFile",
      "auditEvidence",
      "borrowedRowsMin",
      "createDefiLlamaSource",
      "createFileSource",
      "createMarketSource",
      "createSimulatedSource",
      "describeMissingColumns",
      "emptyFlagCounts",
      "entryForUnknownProject",
      "findProtocol",
      "hashMarkets",
      "isPossibleUtilization",
      "marketFileColumnNames",
      "marketFileColumns",
      "protocolRegistry",
      "protocolSlug",
      "protocolSlugPattern",
      "qualityFlags",
      "readTvl",
      "readingVersion",
      "scoreAudits",
      "starknetProjects",
      "toMarketHistory",
    ]
  `);
});

it("exports exactly this for tests", () => {
  expect(Object.keys(testing).sort()).toMatchInlineSnapshot(`
    [
      "chartFixture",
      "fixtureCsv",
      "poolFixture",
      "startDefiLlamaDouble",
      "writeFixtureCsv",
    ]
  `);
});
