import { appendFile, mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFileSource } from "@obsqra/market";
import { expect, it } from "vitest";
import { createTestApi } from "../testing/index.ts";
import { refreshMarketHistory } from "./refresh.service.ts";

const { signal } = new AbortController();

/** Daily rows of January 2025. */
const rowsOf = (pool: string) =>
  Array.from(
    { length: 10 },
    (_, day) => `${pool},ekubo,Starknet,${pool.toUpperCase()},2025-01-${10 + day}T12:00:00Z,1000000,5\n`,
  ).join("");

it("goes on serving what is stored while its market file is written anew, or was cut off", async () => {
  await using api = await createTestApi({ marketSource: "file:history.csv" });
  await using folder = await mkdtempDisposable(join(tmpdir(), "obsqra-refresh-"));
  const path = join(folder.path, "history.csv");
  const header = "pool,project,chain,symbol,timestamp,tvlUsd,apy\n";
  let meanwhile = async () => {};
  const source = createFileSource({ path, clock: api.clock, sleep: () => meanwhile() });
  const refresh = () => refreshMarketHistory({ ...api.deps, source }, { signal });
  const count = async () =>
    (
      await api.deps.db
        .selectFrom("market_history")
        .select(({ fn }) => fn.countAll<bigint>().as("rows"))
        .execute()
    ).map(({ rows }) => Number(rows));

  await writeFile(path, header + rowsOf("a") + rowsOf("b"));
  expect(await refresh()).toMatchObject({ outcome: "imported" });
  // Somebody copies a newer file over it.
  await writeFile(path, header + rowsOf("a"));
  meanwhile = () => appendFile(path, rowsOf("b").slice(0, 80));
  expect(await refresh()).toMatchObject({
    outcome: "failed",
    reason: expect.stringContaining("was written to"),
  });
  // The copy ends there, for want of room say.
  meanwhile = async () => {};
  expect(await refresh()).toMatchObject({
    outcome: "failed",
    reason: expect.stringContaining("in the middle of a row"),
  });
  expect(await count()).toEqual([20]);
  await writeFile(path, header + rowsOf("a") + rowsOf("b") + rowsOf("c"));
  expect(await refresh()).toMatchObject({ outcome: "imported", dropped: [] });
  expect(await count()).toEqual([30]);
});
