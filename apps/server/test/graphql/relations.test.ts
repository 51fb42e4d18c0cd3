import { createCallLimiter, createLimitPolicies } from "@obsqra/platform";
import { afterAll, beforeAll, expect, it } from "vitest";
import { callEndpoint, readOutput } from "../wire/call-endpoint.ts";
import { sendJson, startTestServer, type TestServer } from "../wire/start-test-server.ts";

type Item = { readonly id: string; readonly market_id: string; readonly apy: number };

let server: TestServer;

beforeAll(async () => {
  const policies = createLimitPolicies({ ipPerMinute: 100 });
  server = await startTestServer({
    withForecasts: true,
    createCallLimiter: (deps) => createCallLimiter({ ...deps, policies }),
  });
});
afterAll(() => server[Symbol.asyncDispose]());

const query = `{
  analytics_markets {
    ... on MarketsConnection { nodes { market_id yield_forecast { id apy } risk_forecast { id market { market_id apy } } } }
  }
}`;

async function list(path: string, input: Readonly<Record<string, unknown>>): Promise<readonly Item[]> {
  const protocol = "trpc";
  const response = await callEndpoint(server.url, { protocol, path, input });
  return readOutput<{ items: Item[] }>(response, protocol).items;
}

it("leads from each market to its forecasts and back, as the lists have them, for the points of all lists", async () => {
  const { body, headers } = await sendJson(server.url, { path: "/graphql", json: { query } });
  // Of 100 points, each of the four lists takes five, one of them for the way back.
  expect(headers.get("ratelimit")).toContain('"ip";r=80');
  const granularity = "market";
  const [markets, yields, risks] = [
    await list("analytics.markets", {}),
    await list("predictions.yield_forecast", { granularity }),
    await list("predictions.risk_forecast", { granularity }),
  ];
  const { nodes } = JSON.parse(body).data.analytics_markets;
  expect(nodes.length).toBeGreaterThan(5);
  expect(nodes).toEqual(
    markets.map(({ market_id, apy }) => {
      const [ofYield, ofRisk] = [yields, risks].map((all) =>
        all.find((each) => each.market_id === market_id),
      );
      return {
        market_id,
        yield_forecast: ofYield === undefined ? null : { id: ofYield.id, apy: ofYield.apy },
        risk_forecast: ofRisk === undefined ? null : { id: ofRisk.id, market: { market_id, apy } },
      };
    }),
  );
  expect(nodes[0].risk_forecast.id).toEqual(expect.any(String));
});

it("leads nowhere from what is about a protocol", async () => {
  const ofProtocols =
    "{ predictions_yield_forecast { ... on YieldForecastConnection { nodes { protocol market { market_id } } } } }";
  const { body } = await sendJson(server.url, { path: "/graphql", json: { query: ofProtocols } });
  const { nodes } = JSON.parse(body).data.predictions_yield_forecast;
  expect(nodes).toContainEqual({ protocol: "nostra", market: null });
});
