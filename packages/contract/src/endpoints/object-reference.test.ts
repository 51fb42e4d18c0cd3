import { expect, it } from "vitest";
import { z } from "zod";
import { listEndpoints, type NamedEndpoint } from "../contract.ts";
import {
  findReferences,
  findUnregisteredReferences,
  replaceReference,
  sampleInputs,
} from "../testing/index.ts";
import { defineEndpoint } from "./endpoint.ts";
import { objectReference } from "./object-reference.ts";

/** Fields that look like a reference, and name nothing that already belongs to a user. */
const exceptions = [
  // Of a key on a device, which the browser names and only its owner can use.
  "auth.complete_login: passkey.id",
  "auth.login_with_passkey: passkey.id",
  "auth.add_passkey: passkey.id",
  "auth.reauthenticate: passkey.id",
  // Markets are the source's.
  "analytics.markets: market_id",
  "analytics.risk_history: market_id",
  "predictions.forecast_history: market_id",
  "predictions.run_optimization: current_markets.market_id",
  "predictions.what_if: protocols.market_id",
  "predictions.what_if: current_markets.market_id",
  // Forecasts are everybody's.
  "receipts.forecast: forecast_id",
  // The hash of the transaction that is logged now.
  "transactions.create: tx_hash",
  // Jobs are the service's.
  "operations.run_job: job",
  "operations.retry_job: job",
  "operations.pause_job: job",
  "operations.resume_job: job",
];

const endpoints = listEndpoints();

function endpointWith(input: z.ZodType, path: `/${string}` = "/vaults"): NamedEndpoint {
  const endpoint = defineEndpoint({
    kind: "query",
    access: "session",
    rest: { method: "GET", path, status: 200 },
    summary: "Made up for this test",
    input,
    output: z.undefined(),
    errors: [],
  });
  return { feature: "vaults", name: "get", path: "vaults.get", endpoint };
}

it("registers every field that names an object of a user", () => {
  expect(endpoints.flatMap(findUnregisteredReferences)).toEqual(exceptions);
});

it("lets no public endpoint name an object of a user", () => {
  const open = endpoints.filter(({ endpoint }) => endpoint.access === "public");
  expect(open.flatMap((named) => findReferences(named).map(({ field }) => [named.path, field]))).toEqual([]);
});

it("notices a new field that looks like a reference, by its form, its name, or its place in the path", () => {
  for (const input of [
    z.object({ vault: z.uuid() }),
    z.object({ vault_id: z.string() }),
    z.object({ filter: z.object({ vault_id: z.int() }).optional() }).prefault({}),
    z.object({ vaults: z.array(z.uuid()) }),
    z.union([z.object({ tx_hash: z.string() }), z.object({ name: z.string() })]),
  ]) {
    expect(findUnregisteredReferences(endpointWith(input))).toHaveLength(1);
  }
  const inPath = endpointWith(z.object({ name: z.string() }), "/vaults/:name");
  expect(findUnregisteredReferences(inPath)).toEqual(["vaults.get: name"]);
  expect(findUnregisteredReferences(endpointWith(z.object({ name: z.string() })))).toEqual([]);
});

it("finds a reference wherever it is, also optional, described, or inside of another object", () => {
  const marked = objectReference("session", z.uuid());
  for (const field of [
    marked,
    marked.optional(),
    marked.describe("Whose?"),
    marked.nullable().default(null),
  ]) {
    const named = endpointWith(z.object({ filter: z.object({ device: field }) }));
    expect(findReferences(named)).toEqual([{ kind: "session", field: "filter.device" }]);
    expect(findUnregisteredReferences(named)).toEqual([]);
  }
  expect(replaceReference({ filter: { a: 1 } }, "filter.device", "x")).toEqual({
    filter: { a: 1, device: "x" },
  });
});

it("can make an input that is accepted, for every endpoint", () => {
  for (const { path, endpoint } of endpoints) {
    for (const input of sampleInputs(endpoint.input)) {
      expect([path, endpoint.input.safeParse(input).error]).toEqual([path, undefined]);
    }
  }
});

it("asks for an example where it cannot make an input", () => {
  const { endpoint } = endpointWith(z.object({ colour: z.string().regex(/^mauve$/) }));
  expect(() => sampleInputs(endpoint.input)).toThrow(/input\.colour an example/);
});
