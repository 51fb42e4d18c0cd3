import { fromBase64, toBase64 } from "../bytes.ts";
import { MalformedError } from "../malformed-error.ts";
import { hashBytes } from "../merkle/tree-hash.ts";

/** What a log asks a witness: to cosign a checkpoint that continues the last one that the witness knows (C2SP tlog-witness). */
export interface AddCheckpoint {
  /** Of the last one that the witness knows; 0 for none. */
  readonly oldSize: number;
  /** That the new tree continues the old one. */
  readonly proof: readonly Uint8Array[];
  /** The signed note. */
  readonly checkpoint: string;
}

/** The format allows as many. */
const proofMax = 63;

/** The body of a request. */
export function formatAddCheckpoint({ oldSize, proof, checkpoint }: AddCheckpoint): string {
  return [`old ${oldSize}`, ...proof.map(toBase64), "", checkpoint].join("\n");
}

/** @throws MalformedError when it is no such request */
export function parseAddCheckpoint(body: string): AddCheckpoint {
  const end = body.indexOf("\n\n");
  const [first = "", ...lines] = body.slice(0, end).split("\n");
  const [, size] = /^old (0|[1-9]\d{0,15})$/.exec(first) ?? [];
  const proof = lines.map(fromBase64);
  if (
    end < 0 ||
    size === undefined ||
    proof.length > proofMax ||
    proof.some(({ length }) => length !== hashBytes)
  ) {
    throw new MalformedError("It is no request to add a checkpoint.");
  }
  return { oldSize: Number(size), proof, checkpoint: body.slice(end + 2) };
}
