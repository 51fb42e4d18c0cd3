import { sha256Hex } from "@obsqra/ml/forecast";
import { hexToBytes } from "@obsqra/receipts";
import { expectThat, type Finding, notChecked, passed } from "../check.ts";
import type { ChainInLog } from "./chains-receipt.ts";

/** An entry of a chain as a service shows it to its owner. */
interface ShownEntry {
  readonly position: number;
  readonly content_hash: string;
  readonly previous_hash: string;
  readonly hash: string;
}

/**
 * That a chain still has the entry that it ended with, and goes on from there: of a page of `GET /api/v1/users/audit-log` or
 * `/transactions/entries`. What the entries say is compared with their hashes by whoever has them, not here.
 */
export function checkShownChain(
  committed: readonly ChainInLog[],
  page: Readonly<Record<string, unknown>> | undefined,
): Finding {
  if (page === undefined) {
    return notChecked(
      "Pass the newest page of your audit log, or of your transactions' entries, to compare it.",
    );
  }
  const { items } = page;
  expectThat(Array.isArray(items) && items.every(isEntry), "What you pass is no page of entries of a chain.");
  const entries = items.toSorted((left, right) => left.position - right.position);
  const log = items.some((item) => "transaction_id" in item) ? "transactions" : "audit";
  const end = committed.find((chain) => chain.log === log);
  if (end === undefined) return notChecked(`The receipt has nothing of the chain ${log}.`);
  const newest = entries.at(-1)?.position ?? 0;
  expectThat(
    newest >= end.position,
    `The chain ${log} was cut off: it had ${end.position} entries, and ends with ${newest}.`,
  );
  for (const [index, { position, hash, previous_hash, content_hash }] of entries.entries()) {
    const before = entries[index - 1];
    expectThat(
      before === undefined || (before.position + 1 === position && before.hash === previous_hash),
      `The entry ${position} of the chain ${log} does not follow the one before.`,
    );
    const bytes = new Uint8Array([...hexToBytes(previous_hash), ...hexToBytes(content_hash)]);
    expectThat(
      sha256Hex(bytes) === hash,
      `The hash of entry ${position} of the chain ${log} is another one.`,
    );
  }
  const found = entries.find(({ position }) => position === end.position);
  if (found === undefined) return notChecked(`The page does not go back to entry ${end.position} of ${log}.`);
  expectThat(
    found.hash === end.hash,
    `The chain ${log} was written anew: its entry ${end.position} had the hash ${end.hash}, and has ${found.hash}.`,
  );
  return passed(`The chain ${log} has entry ${end.position}, and goes on to ${newest}.`);
}

function isEntry(item: unknown): item is ShownEntry {
  const { position, ...hashes }: Readonly<Record<string, unknown>> = { ...Object(item) };
  const names = ["content_hash", "previous_hash", "hash"];
  return Number.isSafeInteger(position) && names.every((name) => typeof hashes[name] === "string");
}
