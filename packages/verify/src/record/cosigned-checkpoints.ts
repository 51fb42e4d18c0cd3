import {
  areEqual,
  type Checkpoint,
  checkCosignature,
  parseCheckpoint,
  parseVerifierKey,
} from "@obsqra/receipts";
import { expectThat, Mismatch } from "../check.ts";
import { type AnnouncedKey, checkLogSignature } from "../check-keys.ts";
import { readBytes } from "../read-log.ts";
import type { Fetch } from "../verify-options.ts";

/** A checkpoint that witnesses have cosigned, and since when each of them knows it. */
interface CosignedCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly knownSince: ReadonlyMap<string, number>;
}

/** Since when each witness knows an entry, in milliseconds, by its key. */
export type Witnessed = ReadonlyMap<string, number>;

/** The cosigned checkpoints of a log, asked for as its entries are read in order. */
export interface CosignedCheckpoints {
  /** Who knows an entry since when. */
  readonly witnessed: (index: number) => Promise<Witnessed>;
  /** Compares what was cosigned with the tree that ends before an entry, for each entry. @throws Mismatch when it is another tree */
  readonly compare: (size: number, root: () => Uint8Array) => void;
}

const notesBytesMax = 262_144;

/** @param witnesses the keys whose cosignatures are looked at */
export function openCosignedCheckpoints(
  witnesses: readonly string[],
  { logUrl, fetch }: { readonly logUrl: string; readonly fetch: Fetch },
  { origin, keys }: { readonly origin: string; readonly keys: readonly AnnouncedKey[] },
): CosignedCheckpoints {
  let current: readonly CosignedCheckpoint[] = [];
  /** Those that the tree was not compared with yet. */
  const open = new Map<number, Checkpoint>();

  async function read(index: number): Promise<CosignedCheckpoint[]> {
    const bytes = await readBytes(`${logUrl}/cosigned/${index}`, notesBytesMax, fetch);
    const notes: unknown = JSON.parse(new TextDecoder().decode(bytes));
    expectThat(Array.isArray(notes), "The log's cosigned checkpoints cannot be read.");
    return notes.map((note) => {
      const checkpoint = parseCheckpoint(String(note));
      checkLogSignature(checkpoint, keys);
      expectThat(
        checkpoint.origin === origin && checkpoint.size > index,
        `A checkpoint with ${checkpoint.size} entries of ${checkpoint.origin} is no later one of ${origin} than entry ${index}.`,
      );
      return { checkpoint, knownSince: cosignaturesOf(checkpoint, witnesses) };
    });
  }

  return {
    witnessed: async (index) => {
      if (witnesses.length === 0) return new Map();
      // For a later entry, the same are the first as long as they have it.
      if (current.length === 0 || current.some(({ checkpoint }) => checkpoint.size <= index)) {
        current = await read(index);
        for (const { checkpoint } of current) open.set(checkpoint.size, checkpoint);
      }
      const witnessed = new Map<string, number>();
      for (const { knownSince } of current) {
        for (const [key, moment] of knownSince) {
          witnessed.set(key, Math.min(moment, witnessed.get(key) ?? Number.POSITIVE_INFINITY));
        }
      }
      return witnessed;
    },
    compare: (size, root) => {
      const cosigned = open.get(size);
      if (cosigned === undefined) return;
      open.delete(size);
      if (!areEqual(cosigned.root, root())) {
        throw new Mismatch(
          `The witnesses know another tree of ${size} entries than the one that you are shown: the log has two views.`,
        );
      }
    },
  };
}

function cosignaturesOf({ note }: Checkpoint, witnesses: readonly string[]): ReadonlyMap<string, number> {
  const moments = new Map<string, number>();
  for (const witness of witnesses) {
    const cosigned = checkCosignature(note, parseVerifierKey(witness));
    expectThat(cosigned !== "invalid", `A cosignature of ${witness} does not hold.`);
    if (cosigned !== "absent") moments.set(witness, cosigned.getTime());
  }
  return moments;
}
