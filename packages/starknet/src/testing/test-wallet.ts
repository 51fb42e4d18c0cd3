import { computeHashOnElements, getStarkKey, sign } from "@scure/starknet";
import { ADDRESS_BOUND } from "../address.ts";
import { parseFelt, toCanonicalHex, toRpcFelt } from "../felt.ts";
import { encodeShortString } from "../short-string.ts";
import type { TypedData } from "../typed-data.ts";
import { hashTypedData } from "../typed-data.ts";
import type { FakeAccount } from "./fake-account.ts";

export interface TestWalletOptions {
  /** A Stark private key as `0x` hex. Tests only: nothing here protects it. */
  privateKey: string;
}

/** A single-key account and the wallet that signs for it, as a user's browser would. */
export interface TestWallet {
  /** Canonical address, derived from the public key as the network derives it. */
  address: string;
  /** The x coordinate of the public key, `0x` hex. */
  publicKey: string;
  /** The deployed account for a fake node. */
  account: FakeAccount;
  /** Signs typed data: [r, s] as `0x` hex. */
  sign(typedData: TypedData): string[];
  /** Signs a bare hash: [r, s] as `0x` hex. */
  signHash(hash: string): string[];
}

/** A made-up class hash: no contract class stands behind a test account. */
export const TEST_ACCOUNT_CLASS_HASH = toCanonicalHex(encodeShortString("obsqra test account"));

/** Makes a wallet with one key. The same key always gives the same address and signatures. */
export function createTestWallet({ privateKey }: TestWalletOptions): TestWallet {
  const publicKey = getStarkKey(privateKey);
  const address = accountAddress(publicKey);
  const signHash = (hash: string) => {
    const { r, s } = sign(toRpcFelt(parseFelt(hash)), privateKey);
    return [toRpcFelt(r), toRpcFelt(s)];
  };
  return {
    address,
    publicKey,
    account: { address, publicKey },
    sign: (typedData) => signHash(hashTypedData(typedData, address)),
    signHash,
  };
}

/**
 * The address of an account deployed by nobody with its public key as salt and only argument.
 * https://github.com/starknet-io/starknet.js/blob/develop/src/utils/hash/classHash (calculateContractAddressFromHash)
 */
function accountAddress(publicKey: string): string {
  const hash = computeHashOnElements([
    encodeShortString("STARKNET_CONTRACT_ADDRESS"),
    0n,
    BigInt(publicKey),
    BigInt(TEST_ACCOUNT_CLASS_HASH),
    computeHashOnElements([BigInt(publicKey)]).toString(),
  ]);
  return toCanonicalHex(BigInt(hash.toString()) % ADDRESS_BOUND);
}
