import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { trainingData } from "../test/arbitraries.ts";
import { friedmanData } from "../test/sample-data.ts";
import { crc32 } from "./crc32.ts";
import type { ForestModel } from "./index.ts";
import {
  deserializeModel,
  ForestError,
  fitGradientBoosting,
  fitRandomForest,
  predictBatch,
  predictRow,
  serializeModel,
} from "./index.ts";

const data = friedmanData(60, 1);
const model = fitGradientBoosting(data, { seed: 1, treeCount: 3, maxDepth: 3, minSamplesLeaf: 5 });
const bytes = serializeModel(model);
const badModel = expect.objectContaining({ code: "BAD_MODEL" });

test("a model read back is the same model", () => {
  fc.assert(
    fc.property(trainingData, fc.boolean(), (sample, isForest) => {
      const options = { seed: 1, treeCount: 4, maxDepth: 5, minSamplesLeaf: 1 };
      const original = isForest ? fitRandomForest(sample, options) : fitGradientBoosting(sample, options);
      const written = serializeModel(original);
      const read = deserializeModel(written);
      expect(read).toEqual(original);
      expect(serializeModel(read)).toEqual(written);
      expect(predictBatch(read, sample.features)).toEqual(predictBatch(original, sample.features));
    }),
  );
});

test("the bytes of a fixed model never change within a format version", () => {
  // Integer data keeps every sum exact, so this also guards training against changes by accident.
  const target = Float64Array.from({ length: 16 }, (_, row) => (row % 4) * 8 + row);
  const features = { rowCount: 16, columnCount: 1, values: target.map((_, row) => row) };
  const fixed = fitGradientBoosting(
    { features, target },
    { seed: 1, treeCount: 2, maxDepth: 2, minSamplesLeaf: 2, learningRate: 0.5 },
  );
  const written = serializeModel(fixed);
  expect(written.length).toBe(224);
  expect(crc32(written, written.length - 4).toString(16)).toBe("1214dcc2");
});

test("a forest of 100 trees of depth 10 on 10,000 rows stays under 2 MB", () => {
  const forest = fitRandomForest(friedmanData(10_000, 1), { seed: 1 });
  expect(serializeModel(forest).length).toBeLessThan(2_000_000);
});

test.each([
  [2, 1],
  [4, 70_000],
  [8, 0.1],
  [8, 2 ** 40],
])("keeps covers in the fewest bytes that hold them, %i for a weight of %d", (size, weight) => {
  const weights = data.target.map(() => weight);
  const written = serializeModel(fitGradientBoosting({ ...data, weights }, { seed: 1, treeCount: 1 }));
  expect(written[11]).toBe(size);
  expect(serializeModel(deserializeModel(written))).toEqual(written);
});

test("a split's cover is the sum of its children's, and a root's the weight of all rows", () => {
  fc.assert(
    fc.property(trainingData, (sample) => {
      const { nodeChildren, nodeCovers } = fitGradientBoosting(sample, {
        seed: 1,
        treeCount: 1,
        minSamplesLeaf: 1,
      });
      const total = sample.weights?.reduce((sum, weight) => sum + weight, 0) ?? sample.target.length;
      expect(Math.abs((nodeCovers[0] ?? 0) / total - 1)).toBeLessThan(1e-12);
      for (const [node, child] of nodeChildren.entries()) {
        const sum = (nodeCovers[child] ?? 0) + (nodeCovers[child + 1] ?? 0);
        expect(nodeCovers[node]).toBe(child === 0 ? nodeCovers[node] : sum);
      }
      expect(nodeCovers.every((cover) => cover > 0)).toBe(true);
    }),
  );
});

test("reads from the middle of a larger buffer", () => {
  const larger = new Uint8Array(bytes.length + 7);
  larger.set(bytes, 3);
  expect(deserializeModel(larger.subarray(3, 3 + bytes.length))).toEqual(model);
});

describe("refuses", () => {
  test("every truncation", () => {
    for (let length = 0; length < bytes.length; length++) {
      expect(() => deserializeModel(bytes.subarray(0, length))).toThrow(badModel);
    }
  });

  test("every single flipped bit", () => {
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = bytes.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => deserializeModel(flipped)).toThrow(badModel);
    }
  });

  test("trailing bytes, foreign files and other versions, saying why", () => {
    const longer = new Uint8Array(bytes.length + 4);
    longer.set(bytes);
    expect(() => deserializeModel(longer)).toThrow(/checksum/);
    expect(() => deserializeModel(new TextEncoder().encode("{}".repeat(50)))).toThrow(/not a forest model/);
    expect(() => deserializeModel(withChecksum(bytes.with(8, 1)))).toThrow(/version 1/);
  });

  test("covers in more bytes than they need, covers of 0, and trees too deep to walk", () => {
    const constant = fitGradientBoosting(
      { ...data, target: data.target.map(() => 1) },
      { seed: 1, treeCount: 1 },
    );
    const written = serializeModel(constant);
    const empty = written.slice();
    // The only leaf is the last node, its cover the two bytes before the checksum.
    new DataView(empty.buffer).setUint16(empty.length - 6, 0, true);
    expect(() => deserializeModel(withChecksum(empty))).toThrow(/cover is not positive/);
    const wide = new Uint8Array(written.length + 2);
    wide.set(written.subarray(0, written.length - 4));
    wide[11] = 4;
    expect(() => deserializeModel(withChecksum(wide))).toThrow(/size that their values need/);
    expect(() => deserializeModel(serializeModel(chainOfSplits(1025)))).toThrow(/too deep/);
    expect(deserializeModel(serializeModel(chainOfSplits(1024))).treeCount).toBe(1);
  });

  test("any bytes at all without another kind of error", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), loadsOrRefuses));
  });

  test("damage under a valid checksum, or loads a model that can predict", () => {
    const edit = fc.tuple(fc.integer({ min: 8, max: bytes.length - 5 }), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        const edited = bytes.slice();
        for (const [index, value] of edits) edited[index] = value;
        loadsOrRefuses(withChecksum(edited));
      }),
      { numRuns: 3000 },
    );
  });

  test("huge counts under a valid checksum before reserving memory for them", () => {
    for (const offset of [12, 16, 20, 48]) {
      const edited = bytes.slice();
      new DataView(edited.buffer).setUint32(offset, 0xfffffff0, true);
      expect(() => deserializeModel(withChecksum(edited))).toThrow(badModel);
    }
  });
});

test("the checksum is CRC-32", () => {
  expect(crc32(new TextEncoder().encode("123456789"), 9)).toBe(0xcbf43926);
});

function loadsOrRefuses(candidate: Uint8Array): void {
  try {
    const loaded = deserializeModel(candidate);
    const row = new Array<number>(loaded.columnCount).fill(0.5);
    expect(predictRow(loaded, row)).not.toBeNaN();
    expect(predictRow(loaded, row.fill(Number.NaN))).not.toBeNaN();
  } catch (error) {
    expect(error).toBeInstanceOf(ForestError);
  }
}

/** A tree whose every right child splits again. */
function chainOfSplits(splitCount: number): ForestModel {
  const nodeCount = 2 * splitCount + 1;
  const isSplit = (node: number) => node < nodeCount - 1 && node % 2 === 0;
  return {
    ...model,
    treeCount: 1,
    treeOffsets: Int32Array.of(0, nodeCount),
    nodeThresholds: new Float64Array(nodeCount).fill(0.5),
    nodeChildren: new Int32Array(nodeCount).map((_, node) => (isSplit(node) ? node + 1 : 0)),
    nodeFeatures: new Uint16Array(nodeCount),
    nodeMissingLeft: new Uint8Array(nodeCount),
    nodeCovers: new Float64Array(nodeCount).fill(1),
  };
}

function withChecksum(content: Uint8Array): Uint8Array {
  const result = content.slice();
  const end = result.length - 4;
  new DataView(result.buffer).setUint32(end, crc32(result, end), true);
  return result;
}
