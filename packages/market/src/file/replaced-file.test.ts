import { appendFile, mkdtempDisposable, readFile, rename, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { LoadOptions } from "../market-source.ts";
import { testNow } from "../testing/file-fixtures.ts";
import { createFileSource } from "./file-source.ts";

const header = "pool,project,chain,symbol,timestamp,tvlUsd,apy,apyBase,apyReward";
const rows = [
  "a,ekubo,Starknet,ETH-USDC,2025-01-01T23:00:00Z,1900123,11.25,11,0.25",
  "a,ekubo,Starknet,ETH-USDC,2025-01-02T23:00:00Z,2000456,12.5,10,2.5",
  'b,nostra-pools,Starknet,"STRK,ETH",2025-01-01T23:00:00Z,1000789,5.5,5.5,0.75',
];
const whole = `${[header, ...rows].join("\n")}\n`;

/** Loads a file with this content, while somebody does something to it before its last look. */
async function load(
  content: string,
  meanwhile: (path: string) => Promise<void> = async () => {},
  options: LoadOptions = { isReplacement: true },
) {
  await using folder = await mkdtempDisposable(join(tmpdir(), "obsqra-market-"));
  const path = join(folder.path, "history.csv");
  await writeFile(path, content);
  const source = createFileSource({ path, clock: () => testNow, sleep: () => meanwhile(path) });
  return await source.load(options);
}

const observed = async (content: string) =>
  (await load(content)).markets.flatMap(({ market, observations }) =>
    observations.map((observation) => JSON.stringify([market.id, observation])),
  );

describe("a file that replaces what was loaded before", () => {
  it("brings nothing but whole rows, wherever its writing was cut off, but for the digits of the very last cell", async () => {
    const known = new Set(await observed(whole));
    expect(known.size).toBe(3);
    const refused = [];
    for (let length = header.length + 1; length < whole.length; length += 1) {
      const cut = whole.slice(0, length);
      const lastLine = cut.slice(cut.lastIndexOf("\n") + 1);
      const endsInLastCell = rows.some(
        (row) => lastLine.length >= row.lastIndexOf(",") && row.startsWith(lastLine),
      );
      const outcome = await observed(cut).catch((error) => error);
      if (Array.isArray(outcome)) {
        const unknown = outcome.filter((each) => !known.has(each));
        expect([cut, endsInLastCell ? [] : unknown]).toEqual([cut, []]);
      } else {
        expect(outcome).toMatchObject({ code: expect.stringMatching(/^FILE_(CUT_OFF|EMPTY)$/) });
        refused.push(length);
      }
    }
    expect(refused.length).toBeGreaterThan(150);
  });

  it("may end without a line break, and with a broken row that has one", async () => {
    expect(await observed(whole.trimEnd())).toHaveLength(3);
    expect(await observed(`${whole}(3 rows)\n`)).toHaveLength(3);
    expect(await observed(`${whole}(3 rows)\r`)).toHaveLength(3);
    await expect(load(`${whole}(3 rows)`)).rejects.toMatchObject({ code: "FILE_CUT_OFF" });
  });

  it("is refused while somebody writes to it, and taken when somebody has put another in its place", async () => {
    const half = `${header}\n${rows[0]}\n`;
    await expect(load(half, (path) => appendFile(path, `${rows[1]}\n`))).rejects.toMatchObject({
      code: "FILE_CHANGING",
    });
    const replace = async (path: string) => {
      await writeFile(`${path}.new`, whole);
      await rename(`${path}.new`, path);
    };
    expect((await load(half, replace)).report.rows_loaded).toBe(1);
  });

  it("is waited for only where there is something to replace", async () => {
    const refuse = () => Promise.reject(new Error("Nobody has to wait for a first load."));
    const first = await load(`${header}\n${rows[0]}\nb,nostra`, refuse, {});
    expect(first.report).toMatchObject({ rows_loaded: 1, rows_rejected: 1 });
  });
});

it.runIf(process.platform === "linux")(
  "says that a file cannot be read whose reading fails, also when it is only hashed",
  async () => {
    const path = "/proc/self/mem";
    await expect(readFile(path)).rejects.toThrow();
    const source = createFileSource({ path, clock: () => testNow });
    await expect(source.contentSha256?.()).rejects.toMatchObject({ code: "FILE_UNREADABLE" });
  },
);
