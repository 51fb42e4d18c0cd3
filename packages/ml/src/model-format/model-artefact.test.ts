import { createHash } from "node:crypto";
import { createRandom } from "@obsqra/forest";
import { describe, expect, it } from "vitest";
import { forecastPanel } from "../forecast/forecast-panel.ts";
import type { MlErrorCode } from "../ml-error.ts";
import { MlError } from "../ml-error.ts";
import { scoreRisk } from "../test-support/score-risk.ts";
import { syntheticPanel } from "../test-support/synthetic-panel.ts";
import { trainModels } from "../training/train-models.ts";
import { encodeArtefact, loadModel } from "./model-artefact.ts";

const random = createRandom(5);
/** Lending reserves whose utilization exceeds 98 % now and then, so that there is illiquidity to learn. */
const panel = syntheticPanel({ markets: 9, days: 160, seed: 2 }).map((series) => ({
  ...series,
  kind: "lending" as const,
  utilization: series.apy.map(() => Math.min(1, 0.7 + 0.31 * random.nextFloat())),
}));
const trained = trainModels(panel, { horizonDays: 7, backtestDays: 40, seed: 3, scoreRisk });

describe.each(["risk", "yield"] as const)("the artefact of a %s model", (kind) => {
  const { artefact } = trained[kind];

  it("gives back everything that it was made from", () => {
    const model = loadModel(trained[kind]);
    expect(encodeArtefact(model)).toEqual(artefact);
    expect(model.header.protocols).toEqual(["p0", "p1", "p2"]);
    expect(model.markets.days.length).toBeGreaterThan(300);
    expect(model.protocols.days.length).toBeGreaterThan(100);
    expect(new Set(model.protocols.protocols)).toEqual(new Set([0, 1, 2]));
    for (const history of [model.markets, model.protocols]) {
      expect([...history.days]).toEqual([...history.days].sort());
      for (const column of [history.centres, history.scales, history.outcomes]) {
        expect(column).toHaveLength(history.days.length);
        expect(column.every(Number.isFinite)).toBe(true);
      }
    }
    expect(model.illiquidity === undefined).toBe(kind === "yield");
    for (const { details } of forecastPanel(model, panel, { scoreRisk }).markets) {
      if (kind === "yield") expect(details.illiquidity_probability).toBeNull();
      else expect(details.illiquidity_probability).toBeGreaterThan(0);
    }
  });

  it("is refused when any byte was changed, when it was cut and when it never was ours", () => {
    for (let position = 0; position < artefact.length; position += 9973) {
      const damaged = artefact.slice();
      damaged[position] = (damaged[position] ?? 0) ^ 1;
      expect(() => loadModel({ version: "any", artefact: damaged })).toThrow(MlError);
    }
    expectCode(artefact.slice(0, -1), "CORRUPTED_ARTEFACT");
    expectCode(artefact.slice(0, 20), "CORRUPTED_ARTEFACT");
    expectCode(new Uint8Array(), "UNSUPPORTED_ARTEFACT");
    expectCode(new TextEncoder().encode("PK zip file"), "UNSUPPORTED_ARTEFACT");
  });

  it("is refused when its digest is right but it is of another format or makes no sense", () => {
    expectCode(withHeader(artefact, '"format_version":6', '"format_version":5'), "UNSUPPORTED_ARTEFACT");
    expectCode(
      withHeader(artefact, '"names":["last_value"', '"names":["lost_value"'),
      "UNSUPPORTED_ARTEFACT",
    );
    expectCode(withHeader(artefact, '"kind":', '"kind",'), "CORRUPTED_ARTEFACT");
  });

  it("is read from any position of a larger buffer", () => {
    const larger = new Uint8Array(artefact.length + 3);
    larger.set(artefact, 3);
    const moved = { ...trained[kind], artefact: larger.subarray(3) };
    expect(loadModel(moved)).toEqual(loadModel(trained[kind]));
  });
});

/** The artefact with a text of its header replaced by one of equal length, under a digest that fits. */
function withHeader(artefact: Uint8Array, text: string, replacement: string): Uint8Array {
  const body = Buffer.from(artefact.slice(0, -32));
  const position = body.indexOf(text);
  expect(position).toBeGreaterThan(0);
  body.write(replacement, position, "latin1");
  return Uint8Array.from(Buffer.concat([body, createHash("sha256").update(body).digest()]));
}

function expectCode(artefact: Uint8Array, code: MlErrorCode): void {
  expect(() => loadModel({ version: "any", artefact })).toThrow(
    expect.objectContaining({ name: "MlError", code }),
  );
}
