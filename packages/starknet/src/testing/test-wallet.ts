import { getStarkKey, sign } from "@scure/starknet";
import { type AccountDeployment, calculateContractAddress } from "../contract-address.ts";
import { parseFelt, toCanonicalHex, toRpcFelt } from "../felt.ts";
import { encodeShortString } from "../short-string.ts";
import type { TypedData } from "../typed-data.ts";
import { hashTypedData } from "../typed-data.ts";
import type { FakeAccount } from "./fake-account.ts";

export interface TestWalletOptions {
  /** A Stark private key as `0x` hex. Tests only: nothing here protects it. */
  privateKey: string;
  /** Which account the wallet has. @default "test", of a class that nobody knows */
  kind?: TestAccountKind;
}

/** `test`, or an account class of the allow-list, as its makers' wallets deploy it. */
export type TestAccountKind = "test" | "openzeppelin" | "argent" | "braavos";

/** A single-key account and the wallet that signs for it, as a user's browser would. */
export interface TestWallet {
  /** Canonical address, derived from the public key as the network derives it. */
  address: string;
  /** The x coordinate of the public key, `0x` hex. */
  publicKey: string;
  /** How the account will be deployed. */
  deployment: AccountDeployment;
  /** The deployed account for a fake node. */
  account: FakeAccount;
  /** Signs typed data: [r, s] as `0x` hex. */
  sign(typedData: TypedData): string[];
  /** Signs a bare hash: [r, s] as `0x` hex. */
  signHash(hash: string): string[];
}

/** A made-up class hash: no contract class stands behind a test account. */
export const testAccountClassHash = toCanonicalHex(encodeShortString("obsqra test account"));

/** OpenZeppelin 1.0.0, Argent 0.4.0 and Braavos 1.2.0; their sources are in account-classes.ts. */
const classHashes = {
  test: testAccountClassHash,
  openzeppelin: "0x05b4b537eaa2399e3aa99c4e2e0208ebd6c71bc1467938cd52c798c601e43564",
  argent: "0x036078334509b514626504edc9fb252328d1a240e4e948bef8d0c08dff45927f",
  braavos: "0x03d16c7a9a60b0593bd202f660a28c5d76e0403601d9ccc7e4fa253b6a70c201",
} as const;

/** Makes a wallet with one key. The same key and kind always give the same address and signatures. */
export function createTestWallet({ privateKey, kind = "test" }: TestWalletOptions): TestWallet {
  const publicKey = getStarkKey(privateKey);
  const deployment = {
    class_hash: classHashes[kind],
    salt: publicKey,
    constructor_calldata: kind === "argent" ? ["0x0", publicKey, "0x1"] : [publicKey],
    deployer_address: "0x0",
  };
  const address = calculateContractAddress(deployment);
  const signHash = (hash: string) => {
    const { r, s } = sign(toRpcFelt(parseFelt(hash)), privateKey);
    return [toRpcFelt(r), toRpcFelt(s)];
  };
  return {
    address,
    publicKey,
    deployment,
    account: { address, publicKey, classHash: deployment.class_hash },
    sign: (typedData) => signHash(hashTypedData(typedData, address)),
    signHash,
  };
}
