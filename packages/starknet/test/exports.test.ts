import { expect, test } from "vitest";
import * as starknet from "../src/index.ts";
import * as testing from "../src/testing/index.ts";

test("the package exports exactly this", () => {
  expect(Object.keys(starknet).sort()).toMatchInlineSnapshot(`
    [
      "ChainUnavailableError",
      "StarknetError",
      "addressBound",
      "allocate2",
      "allocate3",
      "apyBpMax",
      "buildWalletChallenge",
      "calculateContractAddress",
      "canonicalFelt",
      "chainIdToFelt",
      "challengeTtlSecondsMax",
      "checksumAddress",
      "constraintViolations",
      "createChallengeNonce",
      "createRpcChainReader",
      "createRpcRiskEngineReader",
      "diversificationShareBp",
      "encodeType",
      "feltAllocate2",
      "feltAllocate3",
      "feltPrime",
      "feltRiskComponents",
      "feltRiskScore",
      "feltVerifyConstraints",
      "fixedRiskParams",
      "hashTypedData",
      "hashWalletChallenge",
      "parseAddress",
      "parseChainId",
      "parseFelt",
      "parseSignature",
      "parseTransactionHash",
      "publicChainIds",
      "riskComponents",
      "riskEngineVersion",
      "riskScore",
      "signatureFeltsMax",
      "starknetDomainType",
      "verifyConstraints",
      "verifyCounterfactualSignature",
    ]
  `);
  expect(Object.keys(testing).sort()).toMatchInlineSnapshot(`
    [
      "createTestWallet",
      "startFakeNode",
      "testAccountClassHash",
    ]
  `);
});
