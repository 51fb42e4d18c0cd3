import { toRpcFelt } from "../felt.ts";
import { entryPointSelector } from "../selector.ts";
import { decodeShortString } from "../short-string.ts";
import { entryPointNotFound } from "./fake-account.ts";

/** What the newest block says of itself. Prices in fri for a unit of gas. */
export interface FakeBlock {
  time: Date;
  l1GasFri: bigint;
  l2GasFri: bigint;
  l1DataGasFri: bigint;
}

/** What an oracle says of each of its pairs: what it returns, felt by felt. Of other pairs it reverts. */
export type FakeOracle = Readonly<Record<string, readonly bigint[]>>;

/** Runs `get_data_median` of a spot entry: the first variant of `DataType`, with the pair. */
export function callOracle(oracle: FakeOracle, selector: bigint, calldata: readonly string[]) {
  if (selector !== getDataMedianSelector) return entryPointNotFound();
  const [variant, pair, ...rest] = calldata.map(BigInt);
  const returned = oracle[decodeShortString(pair ?? 0n) ?? ""];
  if (variant !== 0n || rest.length > 0 || returned === undefined) {
    return { error: { code: 40, message: "Contract error", data: { revert_error: "No checkpoint" } } };
  }
  return { result: returned.map(toRpcFelt) };
}

/** BLOCK_WITH_TX_HASHES of the specification. */
export function blockOf(block: FakeBlock, blockNumber: number): unknown {
  const price = (fri: bigint) => ({ price_in_fri: toRpcFelt(fri), price_in_wei: toRpcFelt(fri / 10_000n) });
  return {
    status: "ACCEPTED_ON_L2",
    block_hash: toRpcFelt(BigInt(blockNumber)),
    parent_hash: toRpcFelt(BigInt(blockNumber - 1)),
    block_number: blockNumber,
    new_root: "0x1",
    timestamp: Math.floor(block.time.getTime() / 1_000),
    sequencer_address: "0x1",
    l1_gas_price: price(block.l1GasFri),
    l2_gas_price: price(block.l2GasFri),
    l1_data_gas_price: price(block.l1DataGasFri),
    l1_da_mode: "BLOB",
    starknet_version: "0.14.0",
    transactions: ["0x1", "0x2"],
  };
}

const getDataMedianSelector = entryPointSelector("get_data_median");
