import type { NoContractCall, OraclePrice } from "../chain-reader.ts";
import { entryPointSelector } from "../selector.ts";
import { encodeShortString } from "../short-string.ts";
import { callContract } from "./call-contract.ts";
import type { JsonRpcClient } from "./json-rpc-client.ts";
import { timestampMax } from "./rpc-schema.ts";

export interface GetMedianPriceParameters {
  /** Address of a Pragma oracle. */
  oracle: string;
  /** Such as STRK/USD. */
  pair: string;
  blockNumber: number;
}

/** A price, or why there is none. */
export type GetMedianPriceReturn = OraclePrice | NoContractCall | "malformed";

/**
 * Asks a Pragma oracle for its median of a pair, as of a block (`starknet_call` of `get_data_median` with `DataType::SpotEntry`).
 * https://docs.pragma.build (Consuming Data)
 *
 * @throws StarknetError `INVALID_ADDRESS`, `INVALID_FELT`; ChainUnavailableError when the node gives no usable response.
 */
export async function getMedianPrice(
  client: JsonRpcClient,
  { oracle, pair, blockNumber }: GetMedianPriceParameters,
): Promise<GetMedianPriceReturn> {
  const returned = await callContract(client, {
    contract: oracle,
    selector: getDataMedianSelector,
    calldata: [spotEntry, encodeShortString(pair)],
    block: { block_number: blockNumber },
  });
  return typeof returned === "string" ? returned : (readPrice(returned) ?? "malformed");
}

/**
 * PragmaPricesResponse: price (u128), decimals (u32), last_updated_timestamp (u64), num_sources_aggregated (u32) and
 * expiration_timestamp (Option<u64>: 1 for none, or 0 and the value).
 */
function readPrice(felts: readonly bigint[]): OraclePrice | undefined {
  const [price = -1n, decimals = -1n, updated = -1n, sources = -1n, option, ...rest] = felts;
  const isWhole = option === 1n ? rest.length === 0 : option === 0n && rest.length === 1;
  const isSane =
    isWhole &&
    isWithin(price, u128Max) &&
    isWithin(decimals, decimalsMax) &&
    isWithin(updated, BigInt(timestampMax)) &&
    isWithin(sources, u32Max);
  if (!isSane) return undefined;
  return {
    price,
    decimals: Number(decimals),
    updatedAt: new Date(Number(updated) * 1_000),
    sourceCount: Number(sources),
  };
}

function isWithin(value: bigint, max: bigint): boolean {
  return value >= 0n && value <= max;
}

const u128Max = 2n ** 128n - 1n;
const u32Max = 2n ** 32n - 1n;
/** No u128 has more digits. */
const decimalsMax = 38n;
/** The first variant of Cairo's enum DataType. */
const spotEntry = 0n;

const getDataMedianSelector = entryPointSelector("get_data_median");
