// Casts of typed-array reads are safe: node indices come from a model that this package built or validated.

import { crc32 } from "./crc32.ts";
import { ForestError } from "./errors.ts";
import { maxColumnCount } from "./matrix.ts";
import type { ForestModel } from "./model.ts";
import { deepestTree } from "./options.ts";
import type { ThresholdTable } from "./threshold-table.ts";
import { collectThresholds, thresholdIndex } from "./threshold-table.ts";
import { addUpCovers } from "./tree/node-builder.ts";

// The layout is described in README.md, "Model format".
const magic = "OBSQTREE";
const formatVersion = 2;
const headerSize = 48;
const checksumSize = 4;
const leafMark = 0xffff;
const missingLeftBit = 0x8000;

/**
 * Writes a model as canonical little-endian bytes: equal models give equal bytes, whatever engine wrote them.
 *
 * @throws ForestError `BAD_MODEL` when a column has more than 65,536 different thresholds
 */
export function serializeModel(model: ForestModel): Uint8Array {
  const table = collectThresholds(model);
  const coverSize = coverSizeOf(model);
  const nodeCount = model.nodeChildren.length;
  const splitCount = (nodeCount - model.treeCount) / 2;
  const leafCount = nodeCount - splitCount;
  const size =
    headerSize +
    4 * model.columnCount +
    8 * table.values.length +
    4 * splitCount +
    (10 + coverSize) * leafCount +
    checksumSize;
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  writeHeader(view, model, nodeCount, coverSize);
  let offset = writeThresholds(view, table, headerSize);
  for (let tree = 0; tree < model.treeCount; tree++) {
    offset = writeTree({ view, model, table, coverSize }, tree, offset);
  }
  view.setUint32(offset, crc32(bytes, offset), true);
  return bytes;
}

/**
 * Reads a model back. The result predicts, and serialises, exactly as the original. Every field is checked, so that a
 * hostile file cannot make a prediction loop or read out of range.
 *
 * @throws ForestError `BAD_MODEL` for bytes that are not a model, are cut short or damaged, or have another version
 */
export function deserializeModel(bytes: Uint8Array): ForestModel {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.length - checksumSize;
  check(end >= headerSize, `${bytes.length} bytes are too few for a model`);
  for (let i = 0; i < magic.length; i++) {
    check(bytes[i] === magic.charCodeAt(i), "these bytes are not a forest model");
  }
  const version = view.getUint16(8, true);
  check(version === formatVersion, `format version ${version} is not supported, expected ${formatVersion}`);
  check(
    view.getUint32(end, true) === crc32(bytes, end),
    "the checksum does not match: the bytes are damaged",
  );
  const header = readHeader(view);
  check(header.nodeCount * 4 <= end, "the node count does not fit the size");
  check(header.columnCount * 4 <= end, "the column count does not fit the size");
  const reader = { view, end, offset: headerSize };
  const thresholds = readThresholds(reader, header.columnCount);
  const nodes = readNodes(reader, header, thresholds);
  check(reader.offset === end, "there are bytes after the last tree");
  const { kind, columnCount, treeCount, baseValue, outputMin, outputMax } = header;
  const model = Object.freeze({ kind, columnCount, treeCount, baseValue, outputMin, outputMax, ...nodes });
  check(header.coverSize === coverSizeOf(model), "the covers do not have the size that their values need");
  return model;
}

/** How many bytes a leaf's cover takes: 2 or 4 as an integer that fits, 8 as a Float64. */
function coverSizeOf(model: ForestModel): 2 | 4 | 8 {
  let largest = 0;
  for (let node = 0; node < model.nodeCovers.length; node++) {
    if (model.nodeChildren[node] !== 0) continue;
    const cover = model.nodeCovers[node] as number;
    if (!Number.isInteger(cover)) return 8;
    largest = Math.max(largest, cover);
  }
  return largest < 2 ** 16 ? 2 : largest < 2 ** 32 ? 4 : 8;
}

function writeHeader(view: DataView, model: ForestModel, nodeCount: number, coverSize: number): void {
  for (let i = 0; i < magic.length; i++) view.setUint8(i, magic.charCodeAt(i));
  view.setUint16(8, formatVersion, true);
  view.setUint8(10, model.kind === "random-forest" ? 1 : 2);
  view.setUint8(11, coverSize);
  view.setUint32(12, model.columnCount, true);
  view.setUint32(16, model.treeCount, true);
  view.setUint32(20, nodeCount, true);
  view.setFloat64(24, model.baseValue, true);
  view.setFloat64(32, model.outputMin, true);
  view.setFloat64(40, model.outputMax, true);
}

function writeThresholds(view: DataView, table: ThresholdTable, start: number): number {
  let offset = start;
  for (let column = 0; column + 1 < table.offsets.length; column++) {
    const from = table.offsets[column] as number;
    const to = table.offsets[column + 1] as number;
    view.setUint32(offset, to - from, true);
    offset += 4;
    for (let i = from; i < to; i++, offset += 8) view.setFloat64(offset, table.values[i] as number, true);
  }
  return offset;
}

interface Writer {
  readonly view: DataView;
  readonly model: ForestModel;
  readonly table: ThresholdTable;
  readonly coverSize: number;
}

/** Writes the nodes of a tree in preorder, each split before its left and then its right side. */
function writeTree({ view, model, table, coverSize }: Writer, tree: number, start: number): number {
  const { nodeThresholds, nodeChildren, nodeFeatures, nodeMissingLeft } = model;
  const pending = [model.treeOffsets[tree] as number];
  let offset = start;
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    const child = nodeChildren[node] as number;
    const threshold = nodeThresholds[node] as number;
    if (child === 0) {
      view.setUint16(offset, leafMark, true);
      view.setFloat64(offset + 2, threshold, true);
      writeCover(view, offset + 10, coverSize, model.nodeCovers[node] as number);
      offset += 10 + coverSize;
    } else {
      const feature = nodeFeatures[node] as number;
      view.setUint16(offset, feature | (nodeMissingLeft[node] === 1 ? missingLeftBit : 0), true);
      view.setUint16(offset + 2, thresholdIndex(table, feature, threshold), true);
      offset += 4;
      pending.push(child + 1, child);
    }
  }
  return offset;
}

function writeCover(view: DataView, offset: number, coverSize: number, cover: number): void {
  if (coverSize === 2) view.setUint16(offset, cover, true);
  else if (coverSize === 4) view.setUint32(offset, cover, true);
  else view.setFloat64(offset, cover, true);
}

interface Header
  extends Pick<ForestModel, "kind" | "columnCount" | "treeCount" | "baseValue" | "outputMin" | "outputMax"> {
  readonly nodeCount: number;
  readonly coverSize: number;
}

function readHeader(view: DataView): Header {
  const kindCode = view.getUint8(10);
  check(kindCode === 1 || kindCode === 2, `model kind ${kindCode} is unknown`);
  const kind = kindCode === 1 ? "random-forest" : "gradient-boosting";
  const coverSize = view.getUint8(11);
  check(coverSize === 2 || coverSize === 4 || coverSize === 8, `covers of ${coverSize} bytes are unknown`);
  const columnCount = view.getUint32(12, true);
  const treeCount = view.getUint32(16, true);
  const nodeCount = view.getUint32(20, true);
  const baseValue = view.getFloat64(24, true);
  const outputMin = view.getFloat64(32, true);
  const outputMax = view.getFloat64(40, true);
  check(columnCount >= 1 && columnCount <= maxColumnCount, `${columnCount} columns are not possible`);
  check(treeCount >= 1 || kind === "gradient-boosting", "a random forest needs a tree");
  check(nodeCount >= treeCount, "there are fewer nodes than trees");
  check(Number.isFinite(baseValue), "the base value is not finite");
  check(Number.isFinite(outputMin) && Number.isFinite(outputMax), "the output range is not finite");
  check(outputMin <= outputMax, "the output range is empty");
  return { kind, columnCount, treeCount, nodeCount, coverSize, baseValue, outputMin, outputMax };
}

/** Where reading has got to; nothing is read at or after `end`. */
interface Reader {
  readonly view: DataView;
  readonly end: number;
  offset: number;
}

/** Advances by `size` bytes and returns where they start. */
function take(reader: Reader, size: number): number {
  const start = reader.offset;
  check(start + size <= reader.end, "the bytes end too early");
  reader.offset = start + size;
  return start;
}

function readThresholds(reader: Reader, columnCount: number): Float64Array[] {
  const columns: Float64Array[] = [];
  for (let column = 0; column < columnCount; column++) {
    const count = reader.view.getUint32(take(reader, 4), true);
    const start = take(reader, count * 8);
    const values = new Float64Array(count);
    let previous = Number.NaN;
    for (let i = 0; i < count; i++) {
      const value = reader.view.getFloat64(start + i * 8, true);
      check(!Number.isNaN(value), "a threshold is not a number");
      check(i === 0 || value > previous, "thresholds are not in order");
      values[i] = value;
      previous = value;
    }
    columns.push(values);
  }
  return columns;
}

/** Rebuilds the flat arrays. Children get their indices here, in order, so no cycle or stray index can exist. */
function readNodes(reader: Reader, header: Header, thresholds: readonly Float64Array[]) {
  const { treeCount, nodeCount, coverSize } = header;
  const nodes = {
    treeOffsets: new Int32Array(treeCount + 1),
    nodeThresholds: new Float64Array(nodeCount),
    nodeChildren: new Int32Array(nodeCount),
    nodeFeatures: new Uint16Array(nodeCount),
    nodeMissingLeft: new Uint8Array(nodeCount),
    nodeCovers: new Float64Array(nodeCount),
  };
  const depths = new Uint16Array(nodeCount);
  let nextNode = 0;
  for (let tree = 0; tree < treeCount; tree++) {
    const pending = [nextNode++];
    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      check(nextNode <= nodeCount, "there are more nodes than announced");
      if (readNode(reader, nodes, node, thresholds)) {
        const childDepth = (depths[node] as number) + 1;
        check(childDepth <= deepestTree, "a tree is too deep");
        depths.fill(childDepth, nextNode, nextNode + 2);
        nodes.nodeChildren[node] = nextNode;
        pending.push(nextNode + 1, nextNode);
        nextNode += 2;
      } else {
        nodes.nodeCovers[node] = readCover(reader, coverSize);
      }
    }
    nodes.treeOffsets[tree + 1] = nextNode;
  }
  check(nextNode === nodeCount, "there are fewer nodes than announced");
  addUpCovers(nodes, 0, nodeCount);
  check(nodes.nodeCovers.every(Number.isFinite), "the covers are too large");
  return nodes;
}

/** Reads one node; true when it is a split, whose children follow. */
function readNode(
  reader: Reader,
  nodes: Pick<ForestModel, "nodeThresholds" | "nodeFeatures" | "nodeMissingLeft">,
  node: number,
  thresholds: readonly Float64Array[],
): boolean {
  const mark = reader.view.getUint16(take(reader, 2), true);
  if (mark === leafMark) {
    const value = reader.view.getFloat64(take(reader, 8), true);
    check(Number.isFinite(value), "a leaf value is not finite");
    nodes.nodeThresholds[node] = value;
    return false;
  }
  const feature = mark & (missingLeftBit - 1);
  const threshold = thresholds[feature]?.[reader.view.getUint16(take(reader, 2), true)];
  if (threshold === undefined)
    throw new ForestError("BAD_MODEL", "a split names a threshold that is not there");
  nodes.nodeThresholds[node] = threshold;
  nodes.nodeFeatures[node] = feature;
  nodes.nodeMissingLeft[node] = mark >= missingLeftBit ? 1 : 0;
  return true;
}

function readCover(reader: Reader, coverSize: number): number {
  const offset = take(reader, coverSize);
  const cover =
    coverSize === 2
      ? reader.view.getUint16(offset, true)
      : coverSize === 4
        ? reader.view.getUint32(offset, true)
        : reader.view.getFloat64(offset, true);
  check(cover > 0, "a leaf's cover is not positive");
  return cover;
}

function check(condition: boolean, message: string): void {
  if (!condition) throw new ForestError("BAD_MODEL", message);
}
