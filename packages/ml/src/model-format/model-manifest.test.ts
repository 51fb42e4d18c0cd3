import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { isIntact, type ModelManifest, manifestSha256, modelVersion } from "./model-manifest.ts";

const manifest: ModelManifest = {
  kind: "risk",
  horizon_days: 7,
  algorithm: "random-forest",
  served_by: "model",
  parameters: { trees: 50, algorithm: "random-forest" },
  metrics: { served: { coverage_90: 0.1 + 0.2, model_mae: null }, folds: [{ rows: 1e-7 }] },
  training_data_sha256: "ab",
  artefact_sha256: "0123456789abcdef",
};
const trainedAt = new Date("2026-01-15T12:00:00Z");

/** Written out, so that a change of how a manifest is written cannot go unnoticed: stored versions depend on it. */
const text =
  '{"algorithm":"random-forest","artefact_sha256":"0123456789abcdef","horizon_days":7,"kind":"risk",' +
  '"metrics":{"folds":[{"rows":1e-7}],"served":{"coverage_90":0.30000000000000004,"model_mae":null}},' +
  '"parameters":{"algorithm":"random-forest","trees":50},"served_by":"model"';

function sha256(content: string): string {
  return createHash("sha256").update(content).digest("hex");
}

describe("the version of a model", () => {
  it("is the hash of what is stated of it, in whatever order it is stated", () => {
    const version = modelVersion(manifest);
    expect(version).toBe(`risk-${sha256(`${text},"training_data_sha256":"ab"}`).slice(0, 24)}`);
    expect(modelVersion(JSON.parse(JSON.stringify(manifest)))).toBe(version);
    expect(
      modelVersion({
        ...manifest,
        metrics: Object.fromEntries(Object.entries(manifest.metrics as object).reverse()),
      }),
    ).toBe(version);
  });
});

describe("a stored manifest", () => {
  const stored = {
    version: modelVersion(manifest),
    manifest_sha256: manifestSha256(manifest, trainedAt),
    trained_at: trainedAt,
  };

  it("is intact, and not when anything of it differs", () => {
    expect(isIntact(manifest, stored)).toBe(true);
    const changes: Partial<ModelManifest>[] = [
      { kind: "yield" },
      { horizon_days: 8 },
      { algorithm: "x" },
      { served_by: "baseline" },
      { parameters: {} },
      { metrics: { ...(manifest.metrics as object), n: 1 } },
      { training_data_sha256: "ac" },
      { artefact_sha256: "0123456789abcdee" },
    ];
    expect(changes).toHaveLength(Object.keys(manifest).length);
    for (const change of changes) {
      const other = { ...manifest, ...change };
      expect(isIntact(other, stored)).toBe(false);
      // The hash alone is easily made to fit.
      expect(isIntact(other, { ...stored, manifest_sha256: manifestSha256(other, trainedAt) })).toBe(false);
    }
    for (const change of [{ manifest_sha256: null }, { trained_at: new Date(trainedAt.getTime() + 1) }]) {
      expect(isIntact(manifest, { ...stored, ...change })).toBe(false);
    }
  });

  it("is covered but for its file where it is from before there were manifests", () => {
    const older = { version: "risk-0123456789ab", manifest_sha256: null, trained_at: trainedAt };
    expect(isIntact({ ...manifest, metrics: {} }, older)).toBe(true);
    expect(isIntact({ ...manifest, kind: "yield" }, older)).toBe(false);
    expect(isIntact(manifest, { ...older, version: "risk-0123456789ac" })).toBe(false);
    expect(isIntact(manifest, { ...older, version: "risk-0123456789abcdef01234567" })).toBe(false);
    expect(isIntact(manifest, { ...older, manifest_sha256: stored.manifest_sha256 })).toBe(false);
  });
});
