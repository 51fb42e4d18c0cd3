import { fromBase64, toBase64 } from "../bytes.ts";
import { MalformedError } from "../malformed-error.ts";
import type { TreeHead } from "../merkle/proofs.ts";
import { hashBytes } from "../merkle/tree-hash.ts";
import { formatNote, type Note, parseNote, signText } from "./signed-note.ts";

/** A tree head of a log, with who it is and the note that says so. */
export interface Checkpoint extends TreeHead {
  /** Names the log, such as `example.org/log`. */
  readonly origin: string;
  readonly note: Note;
}

/** The text that is signed (C2SP tlog-checkpoint). */
export function checkpointText(origin: string, { size, root }: TreeHead): string {
  return `${origin}\n${size}\n${toBase64(root)}\n`;
}

/** A checkpoint, signed by the log whose key has the origin as its name. */
export function signCheckpoint(origin: string, head: TreeHead, secretKey: Uint8Array): string {
  const text = checkpointText(origin, head);
  return formatNote({ text, signatures: [signText(text, origin, secretKey)] });
}

/**
 * Reads a checkpoint. Nothing that it says is to be believed before a signature was checked.
 *
 * @throws MalformedError when it is none
 */
export function parseCheckpoint(text: string): Checkpoint {
  const note = parseNote(text);
  const [origin = "", size = "", root = "", ...rest] = note.text.split("\n");
  // The text ends with a newline; what comes between are extension lines, which must not be empty.
  if (origin === "" || rest.pop() !== "" || rest.includes(""))
    throw new MalformedError("It is no checkpoint.");
  const hash = fromBase64(root);
  if (
    !/^(?:0|[1-9]\d{0,15})$/.test(size) ||
    !Number.isSafeInteger(Number(size)) ||
    hash.length !== hashBytes
  ) {
    throw new MalformedError("The checkpoint's size or root is malformed.");
  }
  return { origin, size: Number(size), root: hash, note };
}
