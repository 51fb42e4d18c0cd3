export type { FakeAccount, FakeAccountBehaviour } from "./fake-account.ts";
export type { FakeBlock, FakeOracle } from "./fake-fees.ts";
export type { FakeFailure, FakeNode, FakeNodeOptions } from "./fake-node.ts";
export { startFakeNode } from "./fake-node.ts";
export type { FakeRequest, FakeTransaction } from "./fake-rpc.ts";
export type { TestAccountKind, TestWallet, TestWalletOptions } from "./test-wallet.ts";
export { createTestWallet, testAccountClassHash } from "./test-wallet.ts";
