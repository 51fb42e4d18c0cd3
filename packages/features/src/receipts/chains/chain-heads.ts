import { canonicalJson, hashLeaf, hashTree, toBase64, utf8ToBytes } from "@obsqra/receipts";
import type { LogContent } from "../log/append-log.service.ts";
import type { ChainHead } from "./chain-heads.queries.ts";

/**
 * What a leaf of the tree over all chains says of one. Nobody else can guess it, without a salt: the hash has the salts of the chain's
 * events, or the random ids of its transactions, in it. With the moment, nobody can tell either from a leaf which chains stand still.
 */
export function chainLeaf({ log, owner_id, position, hash }: ChainHead, loggedAt: string): Uint8Array {
  return hashLeaf(utf8ToBytes(canonicalJson({ hash, log, logged_at: loggedAt, owner_id, position })));
}

/** Where all chains end, as the log says it: how many there are, and the root of a tree over them (RFC 6962), in their order. */
export function headsContent(heads: readonly ChainHead[], loggedAt: string): LogContent {
  const root = toBase64(hashTree(heads.map((head) => chainLeaf(head, loggedAt))));
  return { type: "chain_heads", subject: loggedAt, content: { chains: heads.length, root } };
}
