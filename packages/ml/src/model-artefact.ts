import { createHash } from "node:crypto";
import type { ForestModel } from "@obsqra/forest";
import { deserializeModel, serializeModel } from "@obsqra/forest";
import type { BaselineName } from "./baselines.ts";
import type { ConfidenceKnot } from "./confidence-map.ts";
import type { Calibration, ScaledResiduals } from "./conformal.ts";
import { calibrate } from "./conformal.ts";
import { canonicalJson, floatBytes, floatsFromBytes, sha256Hex } from "./content-hash.ts";
import type { ForecastSpace, ModelKind } from "./forecast-space.ts";
import { MlError } from "./ml-error.ts";
import { at } from "./numbers.ts";

/** Everything that is fixed when a model is trained, besides its forest and residuals. */
export interface ArtefactHeader {
  format_version: 1;
  kind: ModelKind;
  horizon_days: number;
  interval_level: number;
  /** Domain of the outcome in natural units. */
  domain: { low: number; high: number };
  /** Daily APYs beyond ± this are winsorised; yield only, null for risk. */
  apy_cap_percent: number | null;
  served_by: "model" | "baseline";
  /** The best baseline: it answers when the model is not promoted, and is reported beside it when it is. */
  baseline: BaselineName;
  /** The best baseline on the training rows, and the share of the forest's correction; unused by a baseline. */
  anchor: BaselineName;
  shrinkage: number;
  feature_names: string[];
  /** Corrections of raw confidence; see `confidence-map.ts`. */
  market_confidence: readonly ConfidenceKnot[];
  protocol_confidence: readonly ConfidenceKnot[];
  training_data_sha256: string;
}

/** A model ready to forecast. Treat as immutable. */
export interface LoadedModel {
  version: string;
  header: ArtefactHeader;
  space: ForecastSpace;
  /** Absent when a baseline answers, or when its share in the forecast is 0. */
  correction: ForestModel | undefined;
  /** Absent when there was too little history to learn it: the scale is then the local volatility. */
  scale: ForestModel | undefined;
  marketCalibration: Calibration;
  protocolCalibration: Calibration;
}

/** What an artefact is made from. */
export interface ArtefactContent {
  header: ArtefactHeader;
  correction: ForestModel | undefined;
  scale: ForestModel | undefined;
  marketResiduals: ScaledResiduals;
  protocolResiduals: ScaledResiduals;
}

const magic = "OBSQRAML";
const digestBytes = 32;

/**
 * Canonical bytes, all integers little-endian: magic (8) · header length (u32) · header (canonical JSON with the
 * section lengths) · correction forest · scale forest · residuals and scales of markets, then of protocols (f64) · SHA-256
 * of all before (32).
 * The same content always gives the same bytes.
 */
export function encodeArtefact(content: ArtefactContent): Uint8Array {
  const sections = [
    forestBytes(content.correction),
    forestBytes(content.scale),
    floatBytes(content.marketResiduals.residuals),
    floatBytes(content.marketResiduals.scales),
    floatBytes(content.protocolResiduals.residuals),
    floatBytes(content.protocolResiduals.scales),
  ];
  const lengths = sections.map((section) => section.byteLength);
  const header = Buffer.from(canonicalJson({ ...content.header, section_bytes: lengths }));
  const headerLength = Buffer.alloc(4);
  headerLength.writeUInt32LE(header.byteLength);
  const body = Buffer.concat([Buffer.from(magic), headerLength, header, ...sections]);
  return Uint8Array.from(Buffer.concat([body, digestOf(body)]));
}

/**
 * Reads an artefact made by `trainModels`.
 *
 * @throws MlError `UNSUPPORTED_ARTEFACT` for bytes of another kind or version, `CORRUPTED_ARTEFACT` when the
 * content does not match its digest
 */
export function loadModel(artefact: Uint8Array): LoadedModel {
  const bytes = Buffer.from(artefact.buffer, artefact.byteOffset, artefact.byteLength);
  if (bytes.subarray(0, magic.length).toString("latin1") !== magic) {
    throw new MlError("UNSUPPORTED_ARTEFACT", "These bytes are not an Obsqra model artefact.");
  }
  const body = bytes.subarray(0, Math.max(0, bytes.byteLength - digestBytes));
  if (!digestOf(body).equals(bytes.subarray(body.byteLength))) {
    throw new MlError("CORRUPTED_ARTEFACT", "The artefact does not match its digest.");
  }
  try {
    return decode(body, artefactVersion(artefact));
  } catch (error) {
    if (error instanceof MlError) throw error;
    throw new MlError("CORRUPTED_ARTEFACT", "The artefact cannot be decoded.", { cause: error });
  }
}

/** `<kind>-<first 12 hex digits of the artefact's SHA-256>`: a name that only these bytes can have. */
export function artefactVersion(artefact: Uint8Array, kind?: ModelKind): string {
  const hash = sha256Hex(artefact).slice(0, 12);
  return kind === undefined ? hash : `${kind}-${hash}`;
}

function decode(body: Buffer, hash: string): LoadedModel {
  const headerEnd = magic.length + 4 + body.readUInt32LE(magic.length);
  // The digest was checked, so the header is what encodeArtefact wrote; only its version may differ.
  const header = JSON.parse(body.subarray(magic.length + 4, headerEnd).toString("utf8")) as ArtefactHeader & {
    section_bytes: number[];
  };
  if (header.format_version !== 1) {
    throw new MlError("UNSUPPORTED_ARTEFACT", `Artefact format ${header.format_version} is not supported.`);
  }
  const { section_bytes: lengths, ...rest } = header;
  const ends = lengths.map((_length, index) =>
    lengths.slice(0, index + 1).reduce((sum, next) => sum + next, headerEnd),
  );
  const section = (index: number) => body.subarray(at(ends, index) - at(lengths, index), at(ends, index));
  return {
    version: `${rest.kind}-${hash}`,
    header: rest,
    space: { kind: rest.kind, low: rest.domain.low, high: rest.domain.high },
    correction: forestFrom(section(0)),
    scale: forestFrom(section(1)),
    marketCalibration: calibrate(
      {
        residuals: floatsFromBytes(section(2)),
        scales: floatsFromBytes(section(3)),
      },
      rest.market_confidence,
    ),
    protocolCalibration: calibrate(
      {
        residuals: floatsFromBytes(section(4)),
        scales: floatsFromBytes(section(5)),
      },
      rest.protocol_confidence,
    ),
  };
}

function forestBytes(forest: ForestModel | undefined): Uint8Array {
  return forest === undefined ? new Uint8Array() : serializeModel(forest);
}

function forestFrom(bytes: Uint8Array): ForestModel | undefined {
  return bytes.byteLength === 0 ? undefined : deserializeModel(bytes);
}

function digestOf(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}
