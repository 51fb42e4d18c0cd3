import { fromBase64, toBase64 } from "../bytes.ts";
import { MalformedError } from "../malformed-error.ts";
import { hashBytes } from "../merkle/tree-hash.ts";

/** That an entry is in a log, in one text that is checked offline (C2SP tlog-proof). */
export interface TlogProof {
  readonly index: number;
  /** From the leaf's sibling up. */
  readonly proof: readonly Uint8Array[];
  /** The signed note, as the log issued it. */
  readonly checkpoint: string;
}

const firstLine = "c2sp.org/tlog-proof@v1";

/** The content of a `.tlog-proof` file. */
export function formatTlogProof({ index, proof, checkpoint }: TlogProof): string {
  return [firstLine, `index ${index}`, ...proof.map(toBase64), "", checkpoint].join("\n");
}

/** @throws MalformedError when it is no proof. Extra data, which nothing vouches for, is passed over */
export function parseTlogProof(text: string): TlogProof {
  const end = text.indexOf("\n\n");
  const [first, ...lines] = text.slice(0, end).split("\n");
  if (end < 0 || first !== firstLine) throw new MalformedError("It is no proof of a transparency log.");
  if (lines[0]?.startsWith("extra ")) lines.shift();
  const [, index] = /^index (0|[1-9]\d{0,15})$/.exec(lines.shift() ?? "") ?? [];
  const proof = lines.map(fromBase64);
  // A tree of 2^53 leaves takes as many hashes.
  if (index === undefined || proof.length > 53 || proof.some(({ length }) => length !== hashBytes)) {
    throw new MalformedError("The proof's index or hashes are malformed.");
  }
  return { index: Number(index), proof, checkpoint: text.slice(end + 2) };
}
