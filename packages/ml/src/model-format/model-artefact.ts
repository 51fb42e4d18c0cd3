import type { ForestModel } from "@obsqra/forest";
import { deserializeModel, serializeModel } from "@obsqra/forest";
import { sha256 } from "#sha256";
import type { ForecastHistory } from "../calibration/forecast-history.ts";
import type { WeightsState } from "../experts/delayed-weights.ts";
import type { CombinationState } from "../experts/expert-combination.ts";
import type { ExpertName } from "../experts/experts.ts";
import { expertNames } from "../experts/experts.ts";
import type { BaselineName } from "../forecast/baselines.ts";
import type { PointModel } from "../forecast/forecast-learner.ts";
import type { ForecastSpace, ModelKind } from "../forecast/forecast-space.ts";
import type { IlliquidityModel } from "../illiquidity/illiquidity.ts";
import { readIlliquidity } from "../illiquidity/illiquidity.ts";
import { MlError } from "../ml-error.ts";
import { canonicalJson, floatBytes, floatsFromBytes, utf8 } from "./content-hash.ts";

/** Everything that is fixed when a model is trained, besides its forests and past forecasts. */
export interface ArtefactHeader {
  format_version: 6;
  kind: ModelKind;
  horizon_days: number;
  /** Coverage of the interval that is shown first. */
  interval_level: number;
  /** Last day that the model has learned from, in UTC days since the epoch: it forecasts from this day on. */
  as_of_day: number;
  /** Domain of the outcome in natural units. */
  domain: { low: number; high: number };
  /** Daily APYs beyond ± this are winsorised. */
  apy_cap_percent: number;
  served_by: "model" | "baseline";
  /** The best baseline, which is reported beside what is served. */
  baseline: BaselineName;
  /** The experts that are weighted, what they weighed before any outcome, and what the outcomes until `as_of_day` have taught. */
  experts: {
    names: ExpertName[];
    prior: number[];
    learned: CombinationState;
    /** Of the weights of protocols. */
    protocols: WeightsState;
  };
  /** The baselines that the forests start from, best first. */
  anchors: BaselineName[];
  feature_names: string[];
  /** What the protocol numbers of the past forecasts stand for. */
  protocols: string[];
  training_data_sha256: string;
  /** Of the risk model, when any market can become illiquid. */
  illiquidity: IlliquidityModel | null;
}

/** A model's file and the name that its forecasts carry. */
export interface NamedArtefact {
  readonly version: string;
  readonly artefact: Uint8Array;
}

/** A model ready to forecast. Treat as immutable. */
export interface LoadedModel {
  version: string;
  header: ArtefactHeader;
  space: ForecastSpace;
  /** Absent when there was too little history to fit it: only baselines are weighted then. */
  point: PointModel | undefined;
  /** Absent when there was too little history to learn it: the scale is then the local volatility. */
  scale: ForestModel | undefined;
  /** Past forecasts and outcomes that calibrate the coming ones. */
  markets: ForecastHistory;
  protocols: ForecastHistory;
  illiquidity: IlliquidityModel | undefined;
}

/** What an artefact is made from. */
export interface ArtefactContent {
  header: Omit<ArtefactHeader, "illiquidity">;
  point: PointModel | undefined;
  scale: ForestModel | undefined;
  markets: ForecastHistory;
  protocols: ForecastHistory;
  illiquidity: IlliquidityModel | undefined;
}

const magic = "OBSQRAML";
const digestBytes = 32;

/**
 * Canonical bytes, all integers little-endian: magic (8) · header length (u32) · header (canonical JSON with the
 * section lengths) · scale forest · history of markets, then of protocols (days, protocols, moving,
 * centres, scales, outcomes, each as f64) · the forests of the point forecast · SHA-256 of all before (32).
 * The same content always gives the same bytes.
 */
export function encodeArtefact(content: ArtefactContent): Uint8Array {
  const sections = [
    forestBytes(content.scale),
    ...historyBytes(content.markets),
    ...historyBytes(content.protocols),
    ...(content.point?.forests ?? []).map(forestBytes),
  ];
  const lengths = sections.map((section) => section.byteLength);
  const fields = { ...content.header, illiquidity: content.illiquidity ?? null, section_bytes: lengths };
  const header = utf8(canonicalJson(fields));
  const headerLength = new Uint8Array(4);
  new DataView(headerLength.buffer).setUint32(0, header.byteLength, true);
  const body = concatenated([utf8(magic), headerLength, header, ...sections]);
  return concatenated([body, sha256(body)]);
}

/**
 * Reads an artefact made by `trainModels`. Whether it is the one that the version names is for the caller to know: the
 * version covers its SHA-256.
 *
 * @throws MlError `UNSUPPORTED_ARTEFACT` for bytes of another kind or version, `CORRUPTED_ARTEFACT` when the
 * content does not match its digest
 */
export function loadModel({ version, artefact }: NamedArtefact): LoadedModel {
  const opened = openArtefact(artefact);
  return orCorrupted(() => ({ version, ...decode(opened) }));
}

/** What can be known about a model without decoding its forests, which takes far longer. Throws as {@link loadModel}. */
export function readModelHeader({
  version,
  artefact,
}: NamedArtefact): Pick<LoadedModel, "version" | "header"> {
  return { version, header: openArtefact(artefact).header };
}

/**
 * Rejects a model that reads other columns than those of today's tables.
 *
 * @throws MlError `UNSUPPORTED_ARTEFACT`
 */
export function assertFeatures({ header, version }: LoadedModel, featureNames: readonly string[]): void {
  if (featureNames.join() !== header.feature_names.join()) {
    throw new MlError("UNSUPPORTED_ARTEFACT", `Model ${version} was trained on other features.`);
  }
}

/** Sections before the forests of the point forecast. */
const fixedSections = 13;

/** An artefact of whose content only the header was decoded. */
interface OpenedArtefact {
  header: ArtefactHeader;
  sections: readonly Uint8Array[];
}

function openArtefact(bytes: Uint8Array): OpenedArtefact {
  if (!areEqual(bytes.subarray(0, magic.length), utf8(magic))) {
    throw new MlError("UNSUPPORTED_ARTEFACT", "These bytes are not an Obsqra model artefact.");
  }
  const body = bytes.subarray(0, Math.max(0, bytes.byteLength - digestBytes));
  if (!areEqual(sha256(body), bytes.subarray(body.byteLength))) {
    throw new MlError("CORRUPTED_ARTEFACT", "The artefact does not match its digest.");
  }
  return orCorrupted(() => splitBody(body));
}

function orCorrupted<TResult>(read: () => TResult): TResult {
  try {
    return read();
  } catch (error) {
    if (error instanceof MlError) throw error;
    throw new MlError("CORRUPTED_ARTEFACT", "The artefact cannot be decoded.", { cause: error });
  }
}

function splitBody(body: Uint8Array): OpenedArtefact {
  const headerLength = new DataView(body.buffer, body.byteOffset).getUint32(magic.length, true);
  const headerEnd = magic.length + 4 + headerLength;
  const text = new TextDecoder().decode(body.subarray(magic.length + 4, headerEnd));
  // The digest was checked, so the header is what encodeArtefact wrote; only its version may differ.
  const header = JSON.parse(text) as ArtefactHeader & {
    section_bytes: number[];
  };
  if (header.format_version !== 6) {
    throw new MlError("UNSUPPORTED_ARTEFACT", `Artefact format ${header.format_version} is not supported.`);
  }
  if (header.experts.names.join() !== expertNames.join()) {
    throw new MlError("UNSUPPORTED_ARTEFACT", "The artefact weighs other experts.");
  }
  const { section_bytes: lengths, ...rest } = header;
  const sections: Uint8Array[] = [];
  let start = headerEnd;
  for (const length of lengths) {
    sections.push(body.subarray(start, start + length));
    start += length;
  }
  return { header: rest, sections };
}

function decode({ header, sections }: OpenedArtefact): Omit<LoadedModel, "version"> {
  const section = (index: number) => sections[index] ?? new Uint8Array();
  const forests = sections.slice(fixedSections).map((bytes) => deserializeModel(bytes));
  return {
    header,
    space: { kind: header.kind, low: header.domain.low, high: header.domain.high },
    point: forests.length === 0 ? undefined : { anchors: header.anchors, forests },
    scale: forestFrom(section(0)),
    illiquidity: header.illiquidity === null ? undefined : readIlliquidity(header.illiquidity),
    markets: historyFrom(sections.slice(1, 7)),
    protocols: historyFrom(sections.slice(7, fixedSections)),
  };
}

function historyBytes(history: ForecastHistory): Uint8Array[] {
  const { days, protocols, centres, scales, moving, outcomes } = history;
  const whole = [days, protocols, moving].map((column) => Float64Array.from(column));
  return [...whole, centres, scales, outcomes].map(floatBytes);
}

function historyFrom(sections: readonly Uint8Array[]): ForecastHistory {
  const column = (index: number) => floatsFromBytes(sections[index] ?? new Uint8Array());
  return {
    days: Int32Array.from(column(0)),
    protocols: Int32Array.from(column(1)),
    moving: Uint8Array.from(column(2)),
    centres: column(3),
    scales: column(4),
    outcomes: column(5),
  };
}

function forestBytes(forest: ForestModel | undefined): Uint8Array {
  return forest === undefined ? new Uint8Array() : serializeModel(forest);
}

function forestFrom(bytes: Uint8Array): ForestModel | undefined {
  return bytes.byteLength === 0 ? undefined : deserializeModel(bytes);
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let start = 0;
  for (const part of parts) {
    whole.set(part, start);
    start += part.byteLength;
  }
  return whole;
}

function areEqual(left: Uint8Array, right: Uint8Array): boolean {
  return left.byteLength === right.byteLength && left.every((byte, index) => byte === right[index]);
}
