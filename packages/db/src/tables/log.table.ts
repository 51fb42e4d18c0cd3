import type { ColumnType, GeneratedAlways } from "kysely";
import type { Timestamp } from "./column-types.ts";

/** The leaves of the transparency log, append-only. */
export interface LogEntriesTable {
  /** From 0, without gaps. */
  leaf_index: string;
  type: string;
  /** What the entry is about, such as the id of a forecast; unique within its type. */
  subject: string;
  /** Canonical JSON in UTF-8, to the byte as it is published. */
  entry: Uint8Array;
  leaf_hash: GeneratedAlways<Uint8Array>;
}

/** Hashes above the leaves, append-only: one for each full tile of 256 of the level below. */
export interface LogHashesTable {
  level: number;
  position: string;
  hash: Uint8Array;
}

/** The keys that sign the log's checkpoints; the newest signs. */
export interface LogKeysTable {
  sequence: GeneratedAlways<string>;
  /** As C2SP signed-note writes it; its name is the log's origin. */
  verifier_key: string;
  secret_sealed: Uint8Array;
  /** The entry that announces the key. */
  leaf_index: ColumnType<string, number, never>;
  /** That the entry is in the log, as a `.tlog-proof` signed by the key before; null for the first. */
  announcement: string | null;
  created_at: Timestamp;
}

/** What the log has signed, append-only. */
export interface LogCheckpointsTable {
  size: ColumnType<string, number, never>;
  /** A signed note. */
  note: string;
  signed_at: Timestamp;
}

/** What witnesses have said of checkpoints, append-only. */
export interface LogCosignaturesTable {
  size: ColumnType<string, number, never>;
  /** The witness's verifier key. */
  witness: string;
  /** Its signature's line below the checkpoint. */
  line: string;
  /** Since when it knows the checkpoint, as it says. */
  cosigned_at: Timestamp;
}

/** Where users' chains ended each time that the log committed to it, append-only; a chain that had not gone on since has no row. */
export interface LogChainHeadsTable {
  /** The entry that commits to it. */
  leaf_index: ColumnType<string, number, never>;
  /** Its position in `chained_logs`. */
  chain: string;
  position: string;
  hash: Uint8Array;
}

/** Hashes above the leaves of a tree over all chains, append-only: one for each full tile of 256 of the level below. */
export interface LogChainHashesTable {
  /** The entry that commits to the tree. */
  leaf_index: ColumnType<string, number, never>;
  level: number;
  position: string;
  hash: Uint8Array;
}

/** The salts of suggestions' hashes in the log; they go with the account. */
export interface LogSaltsTable {
  suggestion_id: string;
  owner_id: string;
  salt: Uint8Array;
}
