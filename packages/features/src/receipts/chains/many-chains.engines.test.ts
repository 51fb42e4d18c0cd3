import { withoutRules } from "@obsqra/db/testing";
import {
  areEqual,
  canonicalJson,
  fromBase64,
  hashLeaf,
  rootOfInclusion,
  utf8ToBytes,
} from "@obsqra/receipts";
import { sql } from "kysely";
import { expect, it } from "vitest";
import { createTestApi, type TestApi } from "../../testing/index.ts";
import { keepChainHashes, logChainHeads } from "./chain-heads.service.ts";
import { getChainsReceipt } from "./chains-receipt.service.ts";

/** Begins chains of security events with an entry each, for users that there are not. @returns their owners, in order */
async function beginChains({ deps }: TestApi, count: number): Promise<string[]> {
  const owners: string[] = [];
  await withoutRules(deps.db, async (trx) => {
    const { rows } = await sql<{ owner_id: string }>`
      insert into chained_logs (position, log, owner_id, old_length, old_digest, content_hash, previous_hash, hash, end_position, end_hash)
      select place, 'audit', gen_random_uuid(), 0, zero, zero, zero, sha256(zero || zero), 1, sha256(int8send(place))
      from generate_series(1, ${count}::bigint) as place, decode(repeat('00', 32), 'hex') as zero
      returning owner_id`.execute(trx);
    owners.push(...rows.map(({ owner_id }) => owner_id));
  });
  return owners;
}

async function readRoots(api: TestApi, owner_id: string) {
  const receipt = await getChainsReceipt({ ...api.deps, actor: { owner_id } });
  const { root, chains, logged_at } = JSON.parse(receipt.entry);
  return receipt.chains.map(({ log, position, hash, index, proof }) => {
    const leaf = hashLeaf(utf8ToBytes(canonicalJson({ hash, log, logged_at, owner_id, position })));
    const found = rootOfInclusion(leaf, { index, size: chains }, proof.map(fromBase64));
    return { index, chains, isRoot: areEqual(found, fromBase64(root)) };
  });
}

it("proves each of hundreds of chains by one tile of them and the hashes above", async () => {
  await using api = await createTestApi();
  const owners = await beginChains(api, 600);
  expect(await logChainHeads(api.deps)).toBe(600);
  for (const index of [0, 255, 256, 511, 512, 599]) {
    expect(await readRoots(api, owners[index] ?? "")).toEqual([{ index, chains: 600, isRoot: true }]);
  }
  // One that has gone on is proven as it was then.
  await withoutRules(api.deps.db, async (trx) => {
    await sql`update chained_logs set end_position = 2, end_hash = sha256('next') where position = 300`.execute(
      trx,
    );
  });
  expect(await readRoots(api, owners[299] ?? "")).toEqual([{ index: 299, chains: 600, isRoot: true }]);
  api.clock.advance(86_400_000);
  expect(await logChainHeads(api.deps)).toBe(600);
  expect(await readRoots(api, owners[299] ?? "")).toEqual([{ index: 299, chains: 600, isRoot: true }]);
  expect(await readRoots(api, owners[0] ?? "")).toEqual([{ index: 0, chains: 600, isRoot: true }]);
});

it("keeps the hashes of an entry that a version without them has written", async () => {
  await using api = await createTestApi();
  const [owner_id = ""] = await beginChains(api, 600);
  await logChainHeads(api.deps);
  expect(await keepChainHashes(api.deps)).toBe(false);
  await withoutRules(api.deps.db, async (trx) => {
    await sql`delete from log_chain_hashes`.execute(trx);
  });
  await expect(readRoots(api, owner_id)).rejects.toMatchObject({ code: "RECEIPT_NOT_FOUND" });
  const kept = await Promise.all([keepChainHashes(api.deps), keepChainHashes(api.deps)]);
  expect(kept.toSorted()).toEqual([false, true]);
  expect(await readRoots(api, owner_id)).toEqual([{ index: 0, chains: 600, isRoot: true }]);
});
