import { expect, test } from "vitest";
import * as starknet from "../src/index.ts";
import * as testing from "../src/testing/index.ts";

test("the package exports exactly this", () => {
  expect(Object.keys(starknet).sort()).toMatchInlineSnapshot(`
    [
      "ADDRESS_BOUND",
      "APY_BP_MAX",
      "CHAIN_IDS",
      "CHALLENGE_TTL_SECONDS_MAX",
      "ChainUnavailableError",
      "DIVERSIFICATION_SHARE_BP",
      "FELT_PRIME",
      "FIXED_RISK_PARAMS",
      "RISK_ENGINE_VERSION",
      "SIGNATURE_FELTS_MAX",
      "STARKNET_DOMAIN_TYPE",
      "StarknetError",
      "allocate2",
      "allocate3",
      "buildWalletChallenge",
      "calculateContractAddress",
      "canonicalFelt",
      "chainIdToFelt",
      "checksumAddress",
      "constraintViolations",
      "createChallengeNonce",
      "createRpcChainReader",
      "encodeType",
      "feltAllocate2",
      "feltAllocate3",
      "feltRiskComponents",
      "feltRiskScore",
      "feltVerifyConstraints",
      "hashTypedData",
      "hashWalletChallenge",
      "parseAddress",
      "parseChainId",
      "parseFelt",
      "parseSignature",
      "parseTransactionHash",
      "riskComponents",
      "riskScore",
      "verifyConstraints",
      "verifyCounterfactualSignature",
    ]
  `);
  expect(Object.keys(testing).sort()).toMatchInlineSnapshot(`
    [
      "TEST_ACCOUNT_CLASS_HASH",
      "createTestWallet",
      "startFakeNode",
    ]
  `);
});
