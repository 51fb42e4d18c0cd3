export { areEqual, bytesToHex, fromBase64, hexToBytes, toBase64, utf8ToBytes } from "./bytes.ts";
export { canonicalBytes, canonicalJson } from "./canonical-json.ts";
export { MalformedError } from "./malformed-error.ts";
export { type GrowingTree, growTree } from "./merkle/growing-tree.ts";
export {
  isConsistent,
  type LeafPosition,
  proveInclusion,
  rootOfInclusion,
  type TreeHead,
} from "./merkle/proofs.ts";
export { emptyTreeHash, hashLeaf, hashNode, hashTree, splitPoint } from "./merkle/tree-hash.ts";
export { type Checkpoint, checkpointText, parseCheckpoint, signCheckpoint } from "./notes/checkpoint.ts";
export { type CosignatureState, checkCosignature, cosign, witnessKeyOf } from "./notes/cosignature.ts";
export {
  checkSignature,
  formatNote,
  formatSignature,
  formatVerifierKey,
  logKeyOf,
  parseNote,
  parseVerifierKey,
  type SignatureState,
  signatureTypes,
  type VerifierKey,
} from "./notes/signed-note.ts";
export { formatTlogProof, parseTlogProof, type TlogProof } from "./notes/tlog-proof.ts";
export { entryBytesMax, formatEntryBundle, parseEntryBundle } from "./tiles/entry-bundle.ts";
export { parseTilePath, type Tile, tilePath, tileWidth, widthInTree } from "./tiles/tile-path.ts";
export {
  appendToTiles,
  type HashTile,
  joinHashes,
  openTileTree,
  type ReadTile,
  splitHashes,
  type TileHash,
  type TileTree,
} from "./tiles/tile-tree.ts";
export {
  type AddCheckpoint,
  formatAddCheckpoint,
  parseAddCheckpoint,
} from "./witness/add-checkpoint.ts";
export {
  answerAddCheckpoint,
  type WitnessAnswer,
  type WitnessedLog,
  type WitnessIdentity,
} from "./witness/witness.ts";
