import { hexToBytes } from "@obsqra/receipts";
import { expectThat, Mismatch } from "../check.ts";
import { ask, readWhole } from "../read-log.ts";
import { UnreadableError } from "../unreadable-error.ts";
import type { AnchorPlace, Post } from "../verify-options.ts";

/** A tree of a log that a contract on Starknet keeps. */
export interface Anchor {
  readonly size: number;
  readonly root: Uint8Array;
  /** Of the block that it came in. */
  readonly anchoredAt: Date;
}

/** The anchors of a contract, by their sizes. */
export interface Anchors {
  readonly count: number;
  readonly at: (index: number) => Promise<Anchor>;
}

/** starknet_keccak of the names of the contract's entry points. */
const anchorSelectors = {
  count: "0x2306b6ab1b4c67429442feb1e6d238135a6cfcaa471a01b0e336f01b048e38",
  anchor_at: "0x3eb4f8cce43d00e8812ea5f867a3858ea87bb61cc7ff042a336624391b9ae3b",
} as const;

/**
 * Opens the contract that keeps a log's anchors (contracts/log_anchor.cairo), by any node of Starknet.
 *
 * @throws Mismatch where there is no such contract; UnreadableError where the node gives no answer
 */
export async function openAnchors({ contract, rpcUrl, post }: Required<AnchorPlace>): Promise<Anchors> {
  expectThat(/^0x[0-9a-f]{1,64}$/i.test(contract), `${contract} is no address on Starknet.`);
  const address = toFelt(BigInt(contract));
  const call = (selector: string, calldata: readonly string[]) =>
    callContract({ address, selector, calldata }, { rpcUrl, post });
  const [count, ...others] = await call(anchorSelectors.count, []);
  expectThat(count !== undefined && others.length === 0, `${contract} keeps no anchors of a log.`);
  return {
    count: Number(count),
    at: async (index) => {
      const [size, low, high, seconds, ...rest] = await call(anchorSelectors.anchor_at, [
        toFelt(BigInt(index)),
      ]);
      expectThat(
        size !== undefined &&
          low !== undefined &&
          high !== undefined &&
          seconds !== undefined &&
          rest.length === 0,
        `${contract} keeps no anchors of a log.`,
      );
      const root = hexToBytes(((high << 128n) | low).toString(16).padStart(64, "0"));
      return { size: Number(size), root, anchoredAt: new Date(Number(seconds) * 1_000) };
    },
  };
}

interface ContractCall {
  readonly address: string;
  readonly selector: string;
  readonly calldata: readonly string[];
}

const answerBytesMax = 65_536;
/** Of the specification of Starknet's JSON-RPC. */
const contractNotFound = 20;

async function callContract(
  { address, selector, calldata }: ContractCall,
  { rpcUrl, post }: { readonly rpcUrl: string; readonly post: Post },
): Promise<readonly bigint[]> {
  const request = { contract_address: address, entry_point_selector: selector, calldata };
  const body = JSON.stringify({
    jsonrpc: "2.0",
    id: 1,
    method: "starknet_call",
    params: { request, block_id: "latest" },
  });
  const response = await ask(rpcUrl, (url) => post(url, body));
  const text = new TextDecoder().decode(await readWhole(rpcUrl, response, answerBytesMax));
  const { result, error } = readAnswer(text);
  if (Array.isArray(result) && result.every(isFelt)) return result.map(BigInt);
  const code: unknown = Object(error).code;
  if (code === contractNotFound) throw new Mismatch(`There is no contract at ${address}.`);
  throw new UnreadableError(
    rpcUrl,
    code === undefined ? "it is no answer of a node" : `error ${String(code)}`,
  );
}

function readAnswer(text: string): { readonly result?: unknown; readonly error?: unknown } {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}

function isFelt(value: unknown): value is string {
  return typeof value === "string" && /^0x[0-9a-f]{1,64}$/i.test(value);
}

/** As the specification writes it: without zeros in front. */
function toFelt(value: bigint): string {
  return `0x${value.toString(16)}`;
}
