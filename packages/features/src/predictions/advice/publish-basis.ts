import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Database } from "@obsqra/db";
import { type AdviceBasis, writeAdviceBasis } from "@obsqra/ml";
import { hasArtefact, type NewArtefactRow } from "../forecasts/artefacts.queries.ts";

/** What publishing a basis uses. */
export interface BasisDependencies {
  readonly db: Database;
  readonly clock: () => Date;
  /** Whether market data may be published; else only its hash is. */
  readonly publishSnapshots: boolean;
}

/** What a suggestion rests on, as it is committed to and published. */
export interface PublishedBasis {
  readonly sha256: string;
  readonly published: boolean;
  /** What is to be stored beside the first suggestion that rests on it. */
  readonly artefacts: readonly NewArtefactRow[];
}

const compress = promisify<string, Buffer>(gzip);

/** Makes of a basis what everybody can check suggestions by. Most suggestions rest on one that is there already. */
export async function publishBasis(
  { db, clock, publishSnapshots }: BasisDependencies,
  basis: AdviceBasis,
): Promise<PublishedBasis> {
  const text = writeAdviceBasis(basis);
  const sha256 = createHash("sha256").update(text).digest("hex");
  if (!publishSnapshots) return { sha256, published: false, artefacts: [] };
  if (await hasArtefact(db, sha256)) return { sha256, published: true, artefacts: [] };
  return {
    sha256,
    published: true,
    artefacts: [{ sha256, gzip: await compress(text), created_at: clock() }],
  };
}
