import { poseidonHashMany } from "@scure/starknet";
import { z } from "zod";
import { encodeShortString } from "../short-string.ts";
import { verifyStarkSignature } from "../stark-signature.ts";

// The patterns of https://github.com/starkware-libs/starknet-specs/blob/master/api/starknet_api_openrpc.json
export const rpcFelt = z.string().regex(/^0x(0|[a-fA-F1-9][a-fA-F0-9]{0,62})$/);
const u64 = z.string().regex(/^0x(0|[a-fA-F1-9][a-fA-F0-9]{0,15})$/);
const u128 = z.string().regex(/^0x(0|[a-fA-F1-9][a-fA-F0-9]{0,31})$/);
const bound = z.strictObject({ max_amount: u64, max_price_per_unit: u128 });
const daMode = z.enum(["L1", "L2"]);

/** A version that is only run to learn what it would cost. */
const queryVersion = "0x100000000000000000000000000000003";

/** BROADCASTED_INVOKE_TXN of the specification. */
export const broadcastedInvoke = z.strictObject({
  type: z.literal("INVOKE"),
  sender_address: rpcFelt,
  calldata: z.array(rpcFelt),
  version: z.enum(["0x3", queryVersion]),
  signature: z.array(rpcFelt),
  nonce: rpcFelt,
  resource_bounds: z.strictObject({ l1_gas: bound, l2_gas: bound, l1_data_gas: bound }),
  tip: u64,
  paymaster_data: z.array(rpcFelt),
  account_deployment_data: z.array(rpcFelt),
  nonce_data_availability_mode: daMode,
  fee_data_availability_mode: daMode,
});

export type BroadcastedInvoke = z.output<typeof broadcastedInvoke>;

/**
 * The hash that an account signs, of an INVOKE of version 3.
 * https://docs.starknet.io (Transactions, "Transaction hash calculation")
 */
export function hashInvoke(sent: BroadcastedInvoke, chainId: bigint): bigint {
  const { l1_gas, l2_gas, l1_data_gas } = sent.resource_bounds;
  const boundOf = (name: string, { max_amount, max_price_per_unit }: z.output<typeof bound>) =>
    (encodeShortString(name) << 192n) | (BigInt(max_amount) << 128n) | BigInt(max_price_per_unit);
  const fees = poseidonHashMany([
    BigInt(sent.tip),
    boundOf("L1_GAS", l1_gas),
    boundOf("L2_GAS", l2_gas),
    boundOf("L1_DATA", l1_data_gas),
  ]);
  const modes = (sent.nonce_data_availability_mode === "L2" ? 1n : 0n) << 32n;
  return poseidonHashMany([
    encodeShortString("invoke"),
    BigInt(sent.version),
    BigInt(sent.sender_address),
    fees,
    poseidonHashMany(sent.paymaster_data.map(BigInt)),
    chainId,
    BigInt(sent.nonce),
    modes | (sent.fee_data_availability_mode === "L2" ? 1n : 0n),
    poseidonHashMany(sent.account_deployment_data.map(BigInt)),
    poseidonHashMany(sent.calldata.map(BigInt)),
  ]);
}

/** Whether a key has signed it, as the account's `__validate__` asks. */
export function isSignedBy(publicKey: string, sent: BroadcastedInvoke, chainId: bigint): boolean {
  const [r, s, ...rest] = sent.signature;
  if (r === undefined || s === undefined || rest.length > 0) return false;
  return verifyStarkSignature(hashInvoke(sent, chainId), { r: BigInt(r), s: BigInt(s) }, BigInt(publicKey));
}

/** The one call in the calldata of `__execute__`: how many, contract, selector, how many felts, and these. */
export function callIn({ calldata }: BroadcastedInvoke) {
  const [count, contract = 0n, selector = 0n, length, ...felts] = calldata.map(BigInt);
  if (count !== 1n || length !== BigInt(felts.length)) return undefined;
  return { contract, selector, calldata: felts };
}

/** What it pays at most, in fri. */
export function feeMaxOf({ resource_bounds, tip }: BroadcastedInvoke): bigint {
  const { l2_gas } = resource_bounds;
  const gas = Object.values(resource_bounds).map(
    ({ max_amount, max_price_per_unit }) => BigInt(max_amount) * BigInt(max_price_per_unit),
  );
  return gas.reduce((sum, fee) => sum + fee, BigInt(l2_gas.max_amount) * BigInt(tip));
}
