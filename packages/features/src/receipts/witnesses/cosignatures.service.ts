import type { Database } from "@obsqra/db";
import type { Logger } from "@obsqra/platform";
import {
  type Checkpoint,
  checkCosignature,
  formatAddCheckpoint,
  MalformedError,
  parseCheckpoint,
  parseVerifierKey,
} from "@obsqra/receipts";
import { openLog } from "../log/append-log.service.ts";
import { findCheckpoint } from "../log/log.queries.ts";
import { findWitnessedSize, insertCosignature } from "./cosignatures.queries.ts";

/** Who is asked to cosign checkpoints, outside of the service. */
export interface LogWitness {
  /** Its verifier key as C2SP signed-note writes it. */
  readonly key: string;
  /** Sends it a request (C2SP tlog-witness). @throws when it cannot be reached in time */
  readonly addCheckpoint: (body: string, signal: AbortSignal) => Promise<WitnessResponse>;
}

/** What a witness has answered. */
export interface WitnessResponse {
  readonly status: number;
  /** Media type. */
  readonly type: string;
  readonly body: string;
}

/** What asking for cosignatures uses. */
export interface CosignatureDependencies {
  readonly db: Database;
  readonly log: Pick<Logger, "warn">;
  readonly logWitnesses: readonly LogWitness[];
}

/**
 * Asks all witnesses to cosign the newest checkpoint who have not done so yet, and stores what they send. One who does not is asked again
 * next time; why, is logged.
 *
 * @returns how many have cosigned it now
 */
export async function collectCosignatures(
  deps: CosignatureDependencies,
  signal: AbortSignal,
): Promise<number> {
  const { db, log, logWitnesses } = deps;
  const newest = logWitnesses.length === 0 ? undefined : await findCheckpoint(db);
  if (newest === undefined) return 0;
  const checkpoint = { ...parseCheckpoint(newest.note), text: newest.note };
  const cosigned = await Promise.all(
    logWitnesses.map(async (witness) => {
      try {
        return await askWitness(db, { witness, checkpoint, signal });
      } catch (err) {
        log.warn({ err, witness: witness.key }, "A witness did not cosign the transparency log.");
        return false;
      }
    }),
  );
  return cosigned.filter(Boolean).length;
}

interface Asking {
  readonly witness: LogWitness;
  readonly checkpoint: Checkpoint & { readonly text: string };
  readonly signal: AbortSignal;
}

/** @returns whether it has cosigned now @throws Error when it refuses, or sends what does not hold */
async function askWitness(db: Database, asking: Asking): Promise<boolean> {
  const { witness, checkpoint } = asking;
  const known = await findWitnessedSize(db, witness.key);
  if (known === checkpoint.size) return false;
  const first = await askFrom(db, asking, known);
  // It knows more, or less, than we have stored of it.
  const other = first.status === 409 ? sizeIn(first) : undefined;
  const isBehind = other !== undefined && other !== known && other <= checkpoint.size;
  const response = isBehind ? await askFrom(db, asking, other) : first;
  if (response.status !== 200) {
    throw new Error(`It responds with ${response.status}: ${response.body.slice(0, 200).trim()}`);
  }
  const cosignature = readCosignature(asking, response.body);
  await insertCosignature(db, { size: checkpoint.size, witness: witness.key, ...cosignature });
  return true;
}

async function askFrom(
  db: Database,
  { witness, checkpoint, signal }: Asking,
  oldSize: number,
): Promise<WitnessResponse> {
  const { size, text } = checkpoint;
  const proof = oldSize === 0 || oldSize === size ? [] : await openLog(db, size).proveConsistency(oldSize);
  return witness.addCheckpoint(formatAddCheckpoint({ oldSize, proof, checkpoint: text }), signal);
}

function sizeIn({ type, body }: WitnessResponse): number | undefined {
  const [, size] = /^(0|[1-9]\d{0,15})\n$/.exec(body) ?? [];
  return type.startsWith("text/x.tlog.size") && size !== undefined ? Number(size) : undefined;
}

/** The line of the witness's own key, and since when it knows the checkpoint. */
function readCosignature(
  { witness, checkpoint }: Asking,
  body: string,
): { readonly line: string; readonly cosigned_at: Date } {
  const key = parseVerifierKey(witness.key);
  for (const line of body.split("\n")) {
    const state = cosignatureIn(`${checkpoint.text}${line}\n`, key);
    if (state instanceof Date) return { line, cosigned_at: state };
  }
  throw new Error("It has sent no cosignature of its key that holds.");
}

function cosignatureIn(note: string, key: ReturnType<typeof parseVerifierKey>) {
  try {
    return checkCosignature(parseCheckpoint(note).note, key);
  } catch (error) {
    if (error instanceof MalformedError) return "absent";
    throw error;
  }
}
