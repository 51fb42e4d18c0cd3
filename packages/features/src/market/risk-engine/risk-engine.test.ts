import { createRpcRiskEngineReader, fixedRiskParams } from "@obsqra/starknet";
import { type FakeNode, startFakeNode } from "@obsqra/starknet/testing";
import { expect, it } from "vitest";
import { createTestApi, type TestApi } from "../../testing/index.ts";
import { compareScores } from "./risk-engine.service.ts";

const contract = "0x02f5b0a1c3d4e5f60718293a4b5c6d7e8f901122334455667788990011223344";
const { signal } = new AbortController();

function compare({ deps }: TestApi, node: FakeNode) {
  const riskEngine = createRpcRiskEngineReader({
    url: node.url,
    expectedChainId: "SN_SEPOLIA",
    contract,
    fetch,
    retries: 0,
  });
  return compareScores({ ...deps, riskEngine }, signal);
}

it("finds that a contract with the weights of 2.2.0 scores the newest day as we do, asked once for equal metrics", async () => {
  await using node = await startFakeNode();
  await using api = await createTestApi({ withForecasts: true });
  node.deployRiskEngine(contract);
  const compared = await compare(api, node);
  expect(compared).toMatchObject({
    outcome: "agrees",
    as_of: "2026-01-14T00:00:00.000Z",
    differing: 0,
    differences: [],
  });
  const calls = node.requests.filter(({ method }) => method === "starknet_call");
  expect(calls).toHaveLength(compared.compared ?? 0);
  expect(new Set(calls.map(({ params }) => JSON.stringify(params))).size).toBe(calls.length);
  expect(api.logged).toEqual([]);
});

it("tells of a contract that scores otherwise, and where, in its result and as an error in the log", async () => {
  await using node = await startFakeNode();
  await using api = await createTestApi({ withForecasts: true });
  node.deployRiskEngine(contract, { ...fixedRiskParams, w_audit: 4n });
  const compared = await compare(api, node);
  expect(compared).toMatchObject({ outcome: "differs", differences: expect.any(Array) });
  expect(compared.differing).toBeGreaterThan(0);
  const [first] = compared.differences ?? [];
  expect(Number(first?.contract_score)).toBeGreaterThan(first?.our_score ?? 100);
  expect(api.logged).toMatchObject([
    { message: "The RiskEngine contract scores otherwise than our arithmetic.", facts: { contract } },
  ]);
});

it.each([
  ["reverted", "reverts"],
  ["malformed", "reverts"],
  ["no_entry_point", "no_contract"],
  ["not_deployed", "no_contract"],
] as const)("tells a contract that gives no score because it is %s by %s", async (reason, outcome) => {
  await using api = await createTestApi({ withForecasts: true });
  const riskEngine = { address: contract, riskScore: async () => reason };
  const compared = await compareScores({ ...api.deps, riskEngine }, signal);
  expect(compared).toMatchObject({ outcome, differences: expect.any(Array) });
  expect(compared.differences?.[0]).toMatchObject({ contract_score: null, reason });
});

it("tells of an address without such a contract, and takes a node in trouble for no answer", async () => {
  await using node = await startFakeNode();
  await using api = await createTestApi({ withForecasts: true });
  expect(await compare(api, node)).toMatchObject({ outcome: "no_contract" });
  expect(api.logged).toHaveLength(1);
  node.failAlways("http_500");
  await expect(compare(api, node)).rejects.toMatchObject({ code: "CHAIN_UNAVAILABLE" });
});

it("says that no contract is configured, and that there is no history", async () => {
  await using node = await startFakeNode();
  await using api = await createTestApi();
  expect(await compareScores({ ...api.deps, riskEngine: undefined }, signal)).toEqual({
    outcome: "not_configured",
  });
  expect(await compare(api, node)).toEqual({ outcome: "no_history" });
});
