import { mkdtempDisposable, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fixtureCsv } from "@obsqra/market/testing";
import { expect, it } from "vitest";
import { marketCommand } from "../../src/commands/market-command.ts";
import { runHere } from "./run-here.ts";

async function check(content: string) {
  await using folder = await mkdtempDisposable(join(tmpdir(), "obsqra-market-"));
  const path = join(folder.path, "history.csv");
  await writeFile(path, content);
  const ended = await runHere(marketCommand, `check ${path}`, {});
  return { ...ended, files: await readdir(folder.path) };
}

it("tells what a file brings and what it lacks, with rows that cannot be read, and writes nothing", async () => {
  const rows = fixtureCsv({ shape: "lending", markets: 3, protocols: 2, days: 5, seed: 1 }).trimEnd();
  const { code, out, err, files } = await check(`${rows}\nbroken\n`);
  expect([code, err, files]).toEqual([0, "", ["history.csv"]]);
  expect(out).toContain("16 rows read: 15 loaded, 1 rejected, 0 duplicates; 3 markets\n  rejected line 17: ");
  expect(out).toMatch(/Lending markets: 3 in 2 protocols, \d{4}-\d{2}-\d{2} to \d{4}-\d{2}-\d{2}\n/);
  expect(out).toMatch(/Columns: pool, project, .*utilization/);
  expect(out).toContain("no column category: ");
  expect(out).not.toContain("no column utilization: ");
});

it("says what a file without utilization costs, and ends with 1 where nothing can be used", async () => {
  const lending = "pool,project,symbol,timestamp,apy\nusdc,nostra,USDC,2026-01-01,3.5\n";
  expect((await check(lending)).out).toContain("no column utilization: Lending markets have no risk score");
  expect(await check("a,b\n1,2\n")).toMatchObject({
    code: 1,
    out: "",
    err: expect.stringContaining("missing pool"),
  });
  expect(await check("pool,project,symbol,timestamp,apy\nusdc,nostra,USDC,yesterday,3.5\n")).toMatchObject({
    code: 1,
    out: expect.stringContaining("0 loaded, 1 rejected"),
  });
});
