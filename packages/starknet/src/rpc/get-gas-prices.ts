import { z } from "zod";
import type { GasPrices } from "../chain-reader.ts";
import type { JsonRpcClient } from "./json-rpc-client.ts";
import { rpcFelt, rpcTimestamp } from "./rpc-schema.ts";

const resourcePrice = z.object({ price_in_fri: rpcFelt, price_in_wei: rpcFelt });

// https://github.com/starkware-libs/starknet-specs/blob/master/api/starknet_api_openrpc.json (BLOCK_HEADER)
const blockHeader = z.object({
  block_number: z.int().nonnegative(),
  timestamp: rpcTimestamp,
  l1_gas_price: resourcePrice,
  l2_gas_price: resourcePrice,
  l1_data_gas_price: resourcePrice,
});

/**
 * Asks what gas costs in the newest block (`starknet_getBlockWithTxHashes`: no method gives a header alone).
 *
 * @throws ChainUnavailableError when the node gives no usable response
 */
export async function getGasPrices(client: JsonRpcClient): Promise<GasPrices> {
  const found = await client.request({
    method: "starknet_getBlockWithTxHashes",
    params: { block_id: "latest" },
    result: blockHeader,
    expectedErrors: [],
  });
  // With no error expected, every one was thrown.
  if (!found.ok) throw new Error("starknet_getBlockWithTxHashes failed.");
  const { block_number, timestamp, l1_gas_price, l2_gas_price, l1_data_gas_price } = found.result;
  return {
    blockNumber: block_number,
    blockTime: timestamp,
    l1GasFri: l1_gas_price.price_in_fri,
    l2GasFri: l2_gas_price.price_in_fri,
    l1DataGasFri: l1_data_gas_price.price_in_fri,
  };
}
