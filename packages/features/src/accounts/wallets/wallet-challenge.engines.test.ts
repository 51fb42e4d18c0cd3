import { createTestWallet } from "@obsqra/starknet/testing";
import { expect, it } from "vitest";
import { codeOf, createChainTestApi, signChallenge } from "../../testing/index.ts";

const wallet = createTestWallet({ privateKey: "0x1234567890abcdef" });
const other = createTestWallet({ privateKey: "0x2" });
const accounts = [wallet.account, other.account];
it("accepts a challenge once, of parallel uses too", async () => {
  await using api = await createChainTestApi({ accounts });
  const ada = await api.signUp();
  const signed = await signChallenge(ada, wallet);
  const codes = await Promise.all(Array.from({ length: 10 }, () => codeOf(ada.auth.connect_wallet(signed))));
  expect(codes.filter((code) => code === undefined)).toHaveLength(1);
  expect(codes.filter((code) => code === "WALLET_CHALLENGE_INVALID")).toHaveLength(9);
  expect(await codeOf(ada.auth.connect_wallet(signed))).toBe("WALLET_CHALLENGE_INVALID");
});
