import { expectThat } from "../check.ts";
import type { LogEntry } from "../read-log.ts";

/** What a forecast was made from, as its entry says; hashes are SHA-256 in hex. */
export interface MadeFrom {
  readonly model_sha256: string;
  /** Of the market data itself. */
  readonly panel_sha256: string;
  /** Of the document that names its parts; null where the service does not publish data. */
  readonly snapshot_sha256: string | null;
  /** Of the arithmetic. */
  readonly revision: number;
}

/**
 * Reads it from a forecast's entry.
 *
 * @returns undefined where the entry is of a version that published nothing
 * @throws Mismatch when it says something else
 */
export function madeFromOf({ made_from }: LogEntry): MadeFrom | undefined {
  if (made_from === undefined) return undefined;
  expectThat(
    typeof made_from === "object" && made_from !== null,
    "The entry says not what it was made from.",
  );
  const { model_sha256, panel_sha256, snapshot_sha256, revision }: Record<string, unknown> = { ...made_from };
  if (panel_sha256 === null || revision === null) return undefined;
  expectThat(
    typeof model_sha256 === "string" &&
      typeof panel_sha256 === "string" &&
      typeof revision === "number" &&
      (snapshot_sha256 === null || typeof snapshot_sha256 === "string"),
    "The entry says not what it was made from.",
  );
  return { model_sha256, panel_sha256, snapshot_sha256, revision };
}
