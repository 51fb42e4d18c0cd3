import { expect, it } from "vitest";
import {
  answerAddCheckpoint,
  appendToTiles,
  checkCosignature,
  formatAddCheckpoint,
  hashLeaf,
  joinHashes,
  logKeyOf,
  openTileTree,
  parseAddCheckpoint,
  parseCheckpoint,
  signCheckpoint,
  type TileTree,
  type TreeHead,
  utf8ToBytes,
  witnessKeyOf,
} from "../src/index.ts";

const origin = "service.example/log";
const logSecret = new Uint8Array(32).fill(1);
const identity = {
  name: "witness.example",
  secretKey: new Uint8Array(32).fill(2),
  clock: () => new Date("2026-01-15T12:00:00Z"),
};

/** A tree over texts, with all of its tiles. */
async function treeOf(texts: readonly string[]): Promise<TileTree> {
  const levels: Uint8Array[][] = [texts.map((text) => hashLeaf(utf8ToBytes(text)))];
  const read = async ({ level, index, width }: { level: number; index: number; width: number }) =>
    joinHashes((levels[level] ?? []).slice(index * 256, index * 256 + width));
  for (const { level, hash } of await appendToTiles(0, levels[0] ?? [], read)) {
    levels[level] = [...(levels[level] ?? []), hash];
  }
  return openTileTree(texts.length, read);
}

const texts = Array.from({ length: 300 }, (_unused, index) => `entry ${index}`);
const headOf = async (count: number, of = texts): Promise<TreeHead> => {
  const tree = await treeOf(of.slice(0, count));
  return { size: count, root: await tree.root() };
};

async function ask(
  newest: TreeHead | undefined,
  {
    oldSize,
    head,
    proof,
    secretKey = logSecret,
  }: {
    oldSize: number;
    head: TreeHead;
    proof?: readonly Uint8Array[];
    secretKey?: Uint8Array;
  },
) {
  const checkpoint = signCheckpoint(origin, head, secretKey);
  const body = formatAddCheckpoint({ oldSize, proof: proof ?? [], checkpoint });
  const answer = await answerAddCheckpoint(body, identity, async (asked) =>
    asked === origin ? { keys: [logKeyOf(origin, logSecret)], newest } : undefined,
  );
  return { ...answer, checkpoint };
}

it("cosigns the first checkpoint, and each that continues it", async () => {
  const first = await headOf(100);
  const head = await headOf(300);
  const proof = await (await treeOf(texts)).proveConsistency(100);
  for (const { answer, size } of [
    { answer: await ask(undefined, { oldSize: 0, head: first }), size: 100 },
    { answer: await ask(first, { oldSize: 100, head, proof }), size: 300 },
    { answer: await ask(first, { oldSize: 100, head: first }), size: 100 },
  ]) {
    expect(answer).toMatchObject({ status: 200, accepted: { size } });
    const { note } = parseCheckpoint(answer.checkpoint + answer.body);
    const key = witnessKeyOf(identity.name, identity.secretKey);
    expect(checkCosignature(note, key)).toEqual(identity.clock());
  }
});

it("cosigns no other tree than the one that it knows, nor an earlier one", async () => {
  const known = await headOf(100);
  const other = texts.map((text, index) => (index === 50 ? "another" : text));
  const head = await headOf(300, other);
  const proof = await (await treeOf(other)).proveConsistency(100);
  const refusals = {
    "another tree": [await ask(known, { oldSize: 100, head, proof }), 422],
    "the same size": [await ask(known, { oldSize: 100, head: await headOf(100, other) }), 409],
    "as if it knew none": [await ask(known, { oldSize: 0, head }), 409],
    "an earlier one": [await ask(known, { oldSize: 100, head: await headOf(99) }), 400],
  } as const;
  for (const [what, [answer, status]] of Object.entries(refusals)) {
    expect(answer, what).toMatchObject({ status, accepted: undefined });
  }
  expect(refusals["as if it knew none"][0]).toMatchObject({ type: "text/x.tlog.size", body: "100\n" });
});

it("answers nobody but the log that it knows, in its format", async () => {
  const head = await headOf(3);
  const secretKey = new Uint8Array(32).fill(9);
  expect(await ask(undefined, { oldSize: 0, head, secretKey })).toMatchObject({ status: 403 });
  const find = async () => undefined;
  const checkpoint = signCheckpoint(origin, head, logSecret);
  const unknown = formatAddCheckpoint({ oldSize: 0, proof: [], checkpoint });
  expect(await answerAddCheckpoint(unknown, identity, find)).toMatchObject({ status: 404 });
  for (const body of ["", "old 0\n", `old -1\n\n${checkpoint}`, `old 0\nx\n\n${checkpoint}`, "old 0\n\nx"]) {
    expect(await answerAddCheckpoint(body, identity, find), body).toMatchObject({ status: 400 });
  }
  const request = { oldSize: 7, proof: [new Uint8Array(32).fill(1)], checkpoint };
  expect(parseAddCheckpoint(formatAddCheckpoint(request))).toEqual(request);
});
