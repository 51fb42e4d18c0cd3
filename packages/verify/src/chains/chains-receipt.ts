import { Mismatch } from "../check.ts";

/** Where a chain ended, with the way from its leaf to the root in the entry. */
export interface ChainInLog {
  readonly log: string;
  readonly position: number;
  /** Hexadecimal. */
  readonly hash: string;
  readonly index: number;
  /** Each in base64. */
  readonly proof: readonly string[];
}

/** A receipt as `GET /api/v1/users/chains/receipt` gives it to the chains' owner. */
export interface ChainsReceipt {
  readonly log_url: string;
  readonly entry: string;
  readonly owner_id: string;
  readonly chains: readonly ChainInLog[];
  readonly tlog_proof: string;
  readonly witnessed_checkpoint: string | null;
}

/** @throws Mismatch when it is no receipt */
export function parseChainsReceipt(value: unknown): ChainsReceipt {
  const receipt: Readonly<Record<string, unknown>> = { ...Object(value) };
  const text = (name: string): string => {
    const field = receipt[name];
    if (typeof field !== "string") throw new Mismatch(`It is no receipt of chains: ${name} is no text.`);
    return field;
  };
  const { chains, witnessed_checkpoint } = receipt;
  if (!Array.isArray(chains) || chains.length === 0 || !chains.every(isChain)) {
    throw new Mismatch("It is no receipt of chains: it has none.");
  }
  return {
    log_url: text("log_url"),
    entry: text("entry"),
    owner_id: text("owner_id"),
    chains,
    tlog_proof: text("tlog_proof"),
    witnessed_checkpoint: witnessed_checkpoint === null ? null : text("witnessed_checkpoint"),
  };
}

function isChain(value: unknown): value is ChainInLog {
  const { log, position, hash, index, proof }: Readonly<Record<string, unknown>> = { ...Object(value) };
  return (
    typeof log === "string" &&
    typeof hash === "string" &&
    Number.isSafeInteger(position) &&
    Number.isSafeInteger(index) &&
    Array.isArray(proof) &&
    proof.every((each) => typeof each === "string")
  );
}
