import type {
  TrackRecord,
  TrackRecordFigures,
  TrackRecordInput,
  TrackRecordItem,
  TrackRecordLine,
  TrackRecordParts,
  TrackRecordPartsInput,
} from "@obsqra/contract";
import { trackRecord, trackRecordParts } from "@obsqra/contract";
import { cutToBytes, nameInKey, readCursor, rowsToRead, toPage } from "@obsqra/platform";
import { z } from "zod";
import {
  type CachedResponseDependencies,
  respondFromCache,
  versionOfServed,
} from "../../market/cached-response.service.ts";
import { toDataSource } from "../../market/market.service.ts";
import { refuseUnknownFilter } from "../../market/protocols.service.ts";
import type { ModelsDependencies } from "../models/models.service.ts";
import { toSuggestionFigures } from "./suggestion-history.service.ts";
import {
  listTrackRecord,
  listWitnessedSizes,
  type TrackRecordRow,
  type TrackRecordSums,
} from "./track-record.queries.ts";

const pageKey = z.tuple([z.enum(["risk", "yield"]), nameInKey, z.int32()]);

/** What the track record uses. */
export interface TrackRecordDependencies extends CachedResponseDependencies {
  /** Who cosigns the transparency log, by their keys. */
  readonly logWitnesses: readonly { readonly key: string }[];
}

/**
 * How the forecasts so far compare with what came true, per kind, protocol and horizon; and suggestions with holding.
 *
 * @throws AppError PROTOCOL_UNKNOWN, CURSOR_INVALID
 */
export async function getTrackRecord(
  deps: TrackRecordDependencies,
  input: TrackRecordInput,
): Promise<TrackRecord> {
  const witnesses = witnessKeys(deps);
  const response = {
    name: "track_record",
    input: { ...input, ...(await readWitnessed(deps)) },
    schema: trackRecord,
  };
  return respondFromCache(deps, response, () => computeTrackRecord(deps, input, witnesses));
}

/**
 * The same by month or by model.
 *
 * @throws AppError PROTOCOL_UNKNOWN, CURSOR_INVALID
 */
export async function getTrackRecordParts(
  deps: TrackRecordDependencies,
  input: TrackRecordPartsInput,
): Promise<TrackRecordParts> {
  const response = {
    name: "track_record_parts",
    input: { ...input, ...(await readWitnessed(deps)) },
    schema: trackRecordParts,
  };
  return respondFromCache(deps, response, () => computeTrackRecordParts(deps, input));
}

/** A witness says which forecasts count, without anything else changing. */
async function readWitnessed(deps: TrackRecordDependencies) {
  const witnesses = witnessKeys(deps);
  return { witnesses, witnessed: await listWitnessedSizes(deps.db, witnesses) };
}

/** All that the forecasts on record depend on, as text: the data, and how far each witness knows the log. */
export async function versionOfRecord(deps: TrackRecordDependencies): Promise<string> {
  return JSON.stringify([await versionOfServed(deps), await listWitnessedSizes(deps.db, witnessKeys(deps))]);
}

/** The keys of the witnesses without one of which no forecast counts; none where all of them do. */
export function witnessKeys({ logWitnesses }: Pick<TrackRecordDependencies, "logWitnesses">): string[] {
  return logWitnesses.map(({ key }) => key);
}

/** Whose word it is that the forecasts on record were there in time. */
export function describeAttestation(
  witnesses: readonly string[],
): Pick<TrackRecord, "attestation" | "witnesses"> {
  return {
    attestation: witnesses.length === 0 ? "self_attested" : "witnessed",
    witnesses: [...witnesses],
  };
}

async function computeTrackRecord(
  deps: ModelsDependencies,
  input: TrackRecordInput,
  witnesses: readonly string[],
): Promise<TrackRecord> {
  const view = { list: "track_record", owner_id: undefined, input };
  const after = readCursor(view, pageKey);
  const { served_import, known_protocols, items, suggestions } = await listTrackRecord(deps.db, {
    source: deps.marketSource,
    now: deps.clock(),
    granularity: input.granularity,
    kind: input.kind,
    protocol: input.protocol,
    by: "protocol",
    after: after && { kind: after[0], line: after[1], horizon_days: after[2] },
    limit: input.limit + 1,
    witnesses,
  });
  refuseUnknownFilter(input.protocol, known_protocols);
  const page = toPage(view, items, (row) => [row.kind, row.line, row.horizon_days]);
  return {
    data_source: toDataSource(deps.marketSource, served_import),
    ...describeAttestation(witnesses),
    items: page.items.map(toItem),
    suggestions: suggestions.map(toSuggestionFigures),
    next_cursor: page.next_cursor,
  };
}

/** The names of its fields alone take more than half of it. */
const lineBytesMin = 300;

async function computeTrackRecordParts(
  deps: TrackRecordDependencies,
  input: TrackRecordPartsInput,
): Promise<TrackRecordParts> {
  const witnesses = witnessKeys(deps);
  const limit = rowsToRead(input.limit, lineBytesMin);
  const view = { list: "track_record_parts", owner_id: undefined, input };
  const after = readCursor(view, pageKey);
  const { by, granularity, kind, protocol } = input;
  const { served_import, known_protocols, items, suggestions } = await listTrackRecord(deps.db, {
    source: deps.marketSource,
    now: deps.clock(),
    granularity,
    kind,
    protocol,
    by,
    after: after && { kind: after[0], line: after[1], horizon_days: after[2] },
    limit,
    witnesses,
  });
  refuseUnknownFilter(protocol, known_protocols);
  const lines = items.map(({ parts, ...row }): TrackRecordLine => ({ ...row, ...toFigures(parts) }));
  const page = toPage(view, cutToBytes(lines, limit), (row) => [row.kind, row.line, row.horizon_days]);
  return {
    data_source: toDataSource(deps.marketSource, served_import),
    ...describeAttestation(witnesses),
    ...page,
    suggestions: suggestions.flatMap(({ month, ...sums }) =>
      month === null ? [] : [{ month, ...toSuggestionFigures({ month, ...sums }) }],
    ),
  };
}

function toItem({ kind, line, horizon_days, parts }: TrackRecordRow): TrackRecordItem {
  return {
    kind,
    protocol: line,
    horizon_days,
    ...toFigures(parts),
    by_served_by: parts.map((part) => ({ served_by: part.served_by, ...toFigures([part]) })),
  };
}

function toFigures(parts: readonly TrackRecordSums[]): TrackRecordFigures {
  const total = (read: (part: TrackRecordSums) => number) => parts.reduce((sum, part) => sum + read(part), 0);
  const n = total((part) => part.n);
  // The last digits of a sum depend on its order, and the same request has to have the same response.
  const mean = (read: (part: TrackRecordSums) => number) =>
    n === 0 ? null : Number((total(read) / n).toPrecision(10));
  const moments = (read: (part: TrackRecordSums) => string | null) =>
    parts.flatMap((part) => read(part) ?? []).map((moment) => new Date(moment).toISOString());
  return {
    n,
    n_prospective: total((part) => part.n_prospective),
    n_pending: total((part) => part.n_pending),
    n_unobserved: total((part) => part.n_unobserved),
    n_unwitnessed: total((part) => part.n_unwitnessed),
    mae: mean((part) => part.absolute_error),
    baseline_mae: mean((part) => part.baseline_absolute_error),
    interval_level: mean((part) => part.interval_level),
    coverage: mean((part) => part.covered),
    mean_confidence: mean((part) => part.confidence),
    within_tolerance: mean((part) => part.within_tolerance),
    first_target_at: moments((part) => part.first_target_at).toSorted()[0] ?? null,
    last_target_at:
      moments((part) => part.last_target_at)
        .toSorted()
        .at(-1) ?? null,
  };
}
