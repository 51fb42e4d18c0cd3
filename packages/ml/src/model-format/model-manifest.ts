import type { ModelKind } from "../forecast/forecast-space.ts";
import { canonicalJson, sha256Hex, utf8 } from "./content-hash.ts";

/** Everything that is stated of a model, and that the same training gives again. */
export interface ModelManifest {
  readonly kind: ModelKind;
  readonly horizon_days: number;
  readonly algorithm: string;
  readonly served_by: "model" | "baseline";
  /** JSON. */
  readonly parameters: unknown;
  /** JSON. */
  readonly metrics: unknown;
  readonly training_data_sha256: string;
  /** Covers the model's file, and with it the forests and the calibration. */
  readonly artefact_sha256: string;
}

/**
 * `<kind>-<first 24 hex digits of the SHA-256 of the manifest as canonical JSON>`: a name that only this file, with these
 * parameters and this evidence, can have. 96 bits, which nobody can search through for another manifest of the same name.
 */
export function modelVersion(manifest: ModelManifest): string {
  return versionOf(manifest, contentSha256(manifest));
}

/** SHA-256 of a manifest's own and of the moment of training, which is no part of the version: hex. */
export function manifestSha256(manifest: ModelManifest, trainedAt: Date): string {
  return withMoment(contentSha256(manifest), trainedAt);
}

/** What is stored beside a manifest, to check it by. */
export interface ManifestProof {
  readonly version: string;
  /** Null where the version is from before there were manifests. */
  readonly manifest_sha256: string | null;
  readonly trained_at: Date;
}

/**
 * Whether a manifest is the one that was stored under a version, from {@link modelVersion} and {@link manifestSha256}.
 * Versions of twelve digits are of models from before there were manifests: the digits are of `artefact_sha256`, so they
 * say nothing about the rest. The length of the version tells which it is, so that it cannot be made out to be the other.
 */
export function isIntact(
  manifest: ModelManifest,
  { version, manifest_sha256, trained_at }: ManifestProof,
): boolean {
  if (/^[a-z]+-[0-9a-f]{12}$/.test(version)) {
    return (
      manifest_sha256 === null && version === `${manifest.kind}-${manifest.artefact_sha256.slice(0, 12)}`
    );
  }
  const content = contentSha256(manifest);
  return version === versionOf(manifest, content) && manifest_sha256 === withMoment(content, trained_at);
}

function versionOf({ kind }: ModelManifest, contentSha256: string): string {
  return `${kind}-${contentSha256.slice(0, 24)}`;
}

function withMoment(contentSha256: string, trainedAt: Date): string {
  return sha256Hex(utf8(`${contentSha256} ${trainedAt.toISOString()}`));
}

/** Of these fields only, whatever else the object has. */
function contentSha256(manifest: ModelManifest): string {
  const { kind, horizon_days, algorithm, served_by, parameters, metrics } = manifest;
  const { training_data_sha256, artefact_sha256 } = manifest;
  const hashes = { training_data_sha256, artefact_sha256 };
  return sha256Hex(
    utf8(canonicalJson({ kind, horizon_days, algorithm, served_by, parameters, metrics, ...hashes })),
  );
}
