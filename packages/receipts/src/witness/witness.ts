import { areEqual } from "../bytes.ts";
import { MalformedError } from "../malformed-error.ts";
import { isConsistent, type TreeHead } from "../merkle/proofs.ts";
import { type Checkpoint, parseCheckpoint } from "../notes/checkpoint.ts";
import { cosign } from "../notes/cosignature.ts";
import { checkSignature, formatSignature, type VerifierKey } from "../notes/signed-note.ts";
import { type AddCheckpoint, parseAddCheckpoint } from "./add-checkpoint.ts";

/** Who cosigns. */
export interface WitnessIdentity {
  readonly name: string;
  readonly secretKey: Uint8Array;
  readonly clock: () => Date;
}

/** What a witness knows of a log. */
export interface WitnessedLog {
  /** The keys that may sign; more than one while the log replaces its key. */
  readonly keys: readonly VerifierKey[];
  /** The newest tree that was cosigned; undefined before the first. */
  readonly newest: TreeHead | undefined;
}

/** The response to a log, and what has to be stored before it is sent. */
export interface WitnessAnswer {
  readonly status: 200 | 400 | 403 | 404 | 409 | 422;
  readonly type: "text/plain" | "text/x.tlog.size";
  readonly body: string;
  /** The log whose newest tree is another one now, and which. */
  readonly accepted: Checkpoint | undefined;
}

/**
 * Answers a request to cosign a checkpoint (C2SP tlog-witness). A witness cosigns only what continues everything that it has cosigned
 * before, so that a log cannot show two trees to two of its readers. Whoever calls it has to store what was accepted, and to answer one
 * request about a log at a time.
 *
 * @param find what is known of the log with an origin
 */
export async function answerAddCheckpoint(
  body: string,
  { name, secretKey, clock }: WitnessIdentity,
  find: (origin: string) => Promise<WitnessedLog | undefined>,
): Promise<WitnessAnswer> {
  const asked = read(body);
  if (asked === undefined) return refuse(400, "It is no request to add a checkpoint.");
  const { oldSize, proof, checkpoint } = asked;
  const log = await find(checkpoint.origin);
  if (log === undefined) return refuse(404, "The log is not known.");
  const states = log.keys.map(
    (key) => key.name === checkpoint.origin && checkSignature(checkpoint.note, key),
  );
  if (!states.includes("valid")) return refuse(403, "The checkpoint is signed by no key of the log.");
  if (oldSize > checkpoint.size) return refuse(400, "The old size is larger than the checkpoint's.");
  const known = log.newest ?? { size: 0, root: new Uint8Array() };
  if (oldSize !== known.size) return conflict(known.size);
  if (known.size === checkpoint.size && log.newest !== undefined) {
    if (!areEqual(known.root, checkpoint.root)) return conflict(known.size);
  } else if (known.size > 0 && !isConsistent(known, checkpoint, proof)) {
    return refuse(422, "The checkpoint does not continue the one that is known.");
  }
  const { text } = checkpoint.note;
  const signature = cosign(text, { name, secretKey, time: clock() });
  return { status: 200, type: "text/plain", body: formatSignature(signature), accepted: checkpoint };
}

function read(body: string): (Omit<AddCheckpoint, "checkpoint"> & { checkpoint: Checkpoint }) | undefined {
  try {
    const { checkpoint, ...asked } = parseAddCheckpoint(body);
    return { ...asked, checkpoint: parseCheckpoint(checkpoint) };
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}

function refuse(status: 400 | 403 | 404 | 422, says: string): WitnessAnswer {
  return { status, type: "text/plain", body: `${says}\n`, accepted: undefined };
}

function conflict(size: number): WitnessAnswer {
  return { status: 409, type: "text/x.tlog.size", body: `${size}\n`, accepted: undefined };
}
