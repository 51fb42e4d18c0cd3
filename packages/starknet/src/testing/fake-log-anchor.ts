import { toRpcFelt } from "../felt.ts";
import { entryPointSelector } from "../selector.ts";
import { entryPointNotFound, type FakeCallOutcome } from "./fake-account.ts";

/** What contracts/log_anchor.cairo keeps of a tree. */
export interface FakeAnchor {
  size: number;
  root: bigint;
  /** Of the block, in seconds. */
  timestamp: number;
}

/** A contract such as contracts/log_anchor.cairo. */
export interface FakeLogAnchor {
  /** A felt. */
  owner: bigint;
  anchors: readonly FakeAnchor[];
}

/** Runs `owner`, `count` and `anchor_at` as the contract does. */
export function callLogAnchor(
  { owner, anchors }: FakeLogAnchor,
  selector: bigint,
  calldata: readonly string[],
): FakeCallOutcome {
  if (selector === entryPointSelector("owner")) return { result: [toRpcFelt(owner)] };
  if (selector === entryPointSelector("count")) return { result: [toRpcFelt(BigInt(anchors.length))] };
  if (selector !== entryPointSelector("anchor_at")) return entryPointNotFound();
  const anchor = anchors[Number(calldata[0])];
  if (anchor === undefined || calldata.length !== 1) {
    return { error: { code: 40, message: "Contract error", data: { revert_error: "no such anchor" } } };
  }
  const { size, root, timestamp } = anchor;
  const felts = [BigInt(size), root & (2n ** 128n - 1n), root >> 128n, BigInt(timestamp)];
  return { result: felts.map(toRpcFelt) };
}

/** What an account calls it with, and when. */
export interface FakeAnchorCall {
  readonly caller: bigint;
  readonly selector: bigint;
  readonly calldata: readonly bigint[];
  /** Of the block, in seconds. */
  readonly timestamp: number;
}

/** Runs `anchor` as the contract does. @returns what it keeps then, or why it reverts */
export function runAnchor(contract: FakeLogAnchor, call: FakeAnchorCall): FakeLogAnchor | string {
  const [size = -1n, low = -1n, high = -1n, ...rest] = call.calldata;
  if (call.selector !== entryPointSelector("anchor")) return "ENTRYPOINT_NOT_FOUND";
  if (size < 0n || high < 0n || rest.length > 0) return "Failed to deserialize param #1";
  if (call.caller !== contract.owner) return "not the owner";
  if (size <= BigInt(contract.anchors.at(-1)?.size ?? 0)) return "not a larger tree";
  const added = { size: Number(size), root: (high << 128n) | low, timestamp: call.timestamp };
  return { ...contract, anchors: [...contract.anchors, added] };
}
