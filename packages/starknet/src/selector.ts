import { keccak } from "@scure/starknet";

/** The selector of a contract's entry point: starknet_keccak of its name. */
export function entryPointSelector(name: string): bigint {
  return keccak(new TextEncoder().encode(name));
}
