import { once } from "node:events";
import { mkdtempDisposable, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { type FixtureCsvOptions, fixtureCsv } from "@obsqra/market/testing";
import { describe, expect, inject, it } from "vitest";
import { runEvaluateCommand } from "../../src/commands/evaluate-command.ts";
import { readEnvironment } from "../../src/env.ts";
import { type Ended, runScript, startScript } from "./run-script.ts";

const dexFile = fixture("dex");
const lendingFile = fixture("lending");
/** As little work as gives forecasts. */
const small = ["--horizon", "7", "--days", "14"];

function fixture(shape: FixtureCsvOptions["shape"], days = 80): string {
  return fixtureCsv({ shape, markets: 3, protocols: 2, days, seed: 1 });
}

/** Runs `pnpm evaluate` in this process, on a file of this content and name, with these variables and no others. */
async function evaluate(
  content: string | Uint8Array,
  options: readonly string[],
  { name = "history.csv", variables = {} }: { name?: string; variables?: Record<string, string> } = {},
): Promise<Ended> {
  await using folder = await mkdtempDisposable(join(tmpdir(), "obsqra-evaluate-"));
  const file = join(folder.path, name);
  await writeFile(file, content);
  let [out, err] = ["", ""];
  const code = await runEvaluateCommand({
    parameters: ["--data", file, ...options],
    readEnvironment: () => readEnvironment(variables),
    write: (text) => {
      out += text;
    },
    complain: (text) => {
      err += text;
    },
    isTerminal: false,
    signal: new AbortController().signal,
  });
  return { code, out, err };
}

/** Runs it in a process of its own. */
async function evaluateApart(content: string, options: readonly string[]): Promise<Ended> {
  await using folder = await mkdtempDisposable(join(tmpdir(), "obsqra-evaluate-"));
  await writeFile(join(folder.path, "history.csv"), content);
  // Awaited here: the folder goes when this function returns.
  return await runScript("evaluate", ["--data", "history.csv", ...options], { cwd: folder.path });
}

interface EvaluationJson extends Record<string, unknown> {
  cells: { project: string; horizon: number }[];
}

/** The one object on standard output. */
function jsonOf({ code, out, err }: Ended): EvaluationJson {
  expect([code, err]).toEqual([0, err]);
  return JSON.parse(out) as EvaluationJson;
}

/** Only in the long form: what it shows costs more than it could find in most changes. */
const long = it.runIf(inject("isLong"));

describe("pnpm evaluate", () => {
  it("writes one JSON object to standard output, and to standard error progress and the broken rows that it goes on without", async () => {
    const broken = "nonsense\nfixture-dex-1,fixture-swap,Starknet,ETH-T1,yesterday,1,2,3,4\n";
    const ended = await evaluateApart(`${dexFile}${broken}`, [...small, "--json"]);
    const json = jsonOf(ended);
    expect(json).toMatchObject({
      target: "yield",
      horizon: 7,
      forecasts: expect.any(Number),
      served: {
        name: "served",
        mae_mean: expect.any(Number),
        mae_median_pool: expect.any(Number),
        interval_score_90: expect.any(Number),
        coverage: {
          "50": expect.any(Number),
          "80": expect.any(Number),
          "90": expect.any(Number),
          "95": expect.any(Number),
        },
      },
      column: "apy",
      cap: 500,
      days: 14,
      file: "history.csv",
      rows: { read: 242, loaded: 240, rejected: 2 },
    });
    expect(json.baselines).toHaveLength(5);
    expect(new Set(json.cells.map(({ project }) => project))).toEqual(
      new Set(["fixture-swap", "fixture-swap-2"]),
    );
    expect(ended.out.trimEnd()).not.toContain("\n");
    expect(ended.err).toContain("242 rows read: 240 loaded, 2 rejected, 0 duplicates; 3 markets\n");
    expect(ended.err).toMatch(/rejected line 242: .+\n +rejected line 243: timestamp is not ISO 8601/);
    expect(ended.err).toMatch(/^100 % {2}\S/m);
  });

  it("shows tables, and keeps the report in a document", async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "obsqra-evaluate-"));
    const path = join(folder.path, "evaluation.md");
    const { code, out } = await evaluate(dexFile, ["--document", path, ...small]);
    expect(code).toBe(0);
    for (const name of ["served", "last_value", "mean_7d", "ewma_half_life_5d", "mean_30d", "median_30d"]) {
      expect(out).toMatch(new RegExp(`^${name} +\\d`, "m"));
    }
    const document = await readFile(path, "utf8");
    expect(document).toMatch(/^## history\.csv: mean apy over the next 7 days/m);
    expect(document).toMatch(/^\| served +\| +\d/m);
  });

  long("shows tables in Markdown", async () => {
    expect((await evaluate(lendingFile, [...small, "--markdown"])).out).toMatch(/^\| served +\| +\d/m);
  });

  long(
    "shows a peer's forecasts beside ours, on the same rows, and refuses a file that is not one",
    async () => {
      // What packages/ml/reference/script_peer.py says of this very fixture.
      const path = fileURLToPath(
        new URL("../../../../packages/ml/reference/script-peer-fixture.csv", import.meta.url),
      );
      const compared = await evaluate(dexFile, [...small, "--script-peer", path]);
      expect(compared.out).toMatch(/^peer +\d.* 42 +42$/m);
      await using folder = await mkdtempDisposable(join(tmpdir(), "obsqra-evaluate-"));
      const wrong = join(folder.path, "wrong.csv");
      for (const [content, complaint] of [
        ["pool,forecast\n", /The first line of .* has to be pool,day,horizon,forecast/],
        ["pool,day,horizon,forecast\na,2025-02-30x,7,1\n", /Line 2 of .* is not a pool/],
        ["pool,day,horizon,forecast\na,2025-02-20,7,\n", /Line 2 of .* is not a pool/],
        ["pool,day,horizon,forecast\na,2025-02-20,30,1\n", /has no forecast of 7 days ahead/],
      ] as const) {
        await writeFile(wrong, content);
        const { code, err } = await evaluate(dexFile, [...small, "--script-peer", wrong]);
        expect([code, err]).toEqual([2, expect.stringMatching(complaint)]);
      }
      expect((await evaluate(dexFile, ["--script-peer", join(folder.path, "none.csv")])).err).toContain(
        "cannot be read",
      );
    },
  );

  long(
    "gives the same figures whatever the file's name, compression, line ends and order of rows and columns",
    async () => {
      const plain = jsonOf(await evaluate(lendingFile, [...small, "--json"]));
      const [header = "", ...rows] = lendingFile.trim().split("\n");
      const shuffle = (line: string) => `"note, or none",${line.split(",").toReversed().join(",")}`;
      const shuffled = [shuffle(header), ...rows.map(shuffle).toReversed()].join("\r\n");
      const { file, file_sha256, ...figures } = jsonOf(
        await evaluate(gzipSync(`\uFEFF${shuffled}`), [...small, "--json"], { name: "odd name" }),
      );
      expect(file).toBe("odd name");
      expect(file_sha256).not.toBe(plain.file_sha256);
      expect(figures).toEqual({ ...figures, ...plain, file: undefined, file_sha256: undefined });
    },
  );

  long(
    "evaluates 7 and 30 days ahead unless told, and says when the history is too short for 30",
    async () => {
      const horizonsOf = ({ cells }: EvaluationJson) => new Set(cells.map(({ horizon }) => horizon));
      const both = await evaluate(fixture("dex", 160), ["--days", "14", "--json"]);
      expect(horizonsOf(jsonOf(both))).toEqual(new Set([7, 30]));
      const short = await evaluate(fixture("dex", 35), ["--days", "14", "--json"]);
      expect(horizonsOf(jsonOf(short))).toEqual(new Set([7]));
      expect(short.err).toContain("30 days ahead is left out: ");
    },
  );

  it("evaluates the risk score, for as long as the settings say, and does without what a file does not have", async () => {
    const withoutMost = dexFile
      .split("\n")
      .map((line) => line.split(","))
      .map((cells) => [...cells.slice(0, 5), cells[7]].join(","))
      .join("\n");
    const variables = { BACKTEST_WINDOW_DAYS: "15" };
    const parameters = ["--horizon", "7", "--target", "risk", "--json"];
    const json = jsonOf(await evaluate(withoutMost, parameters, { variables }));
    expect(json).toMatchObject({ target: "risk", column: "apyBase", days: 15 });
  });

  it("evaluates the probability of illiquidity", async () => {
    const json = jsonOf(await evaluate(lendingFile, ["--target", "illiquidity", "--days", "30", "--json"]));
    expect(json).toMatchObject({ target: "illiquidity", horizon: 14, served: { brier: expect.any(Number) } });
  });

  it.each([
    ["has no APY", "tag,date,price\nETH,2024-01-01,7\n", [], "missing pool, project, symbol, timestamp, apy"],
    ["has no APY", "tag,date,price\nETH,2024-01-01,7\n", [], "Found tag,date,price."],
    ["lacks the column asked for", lendingFile, ["--column", "apy"], "no column apy."],
    ["knows of no illiquidity", dexFile, ["--target", "illiquidity"], "utilizationImplied"],
    [
      "has no readable row",
      "pool,project,symbol,timestamp,apy\nx\n",
      [],
      "None of the 1 rows can be read. Line 2: ",
    ],
    ["is too short", fixture("dex", 3), small, ""],
  ])("says why it cannot evaluate a file that %s", async (_, content, options, message) => {
    const { code, out, err } = await evaluate(content, [...options, "--json"]);
    expect([code, out]).toEqual([1, ""]);
    expect(err).toContain(message);
    expect(err).not.toMatch(/\n\s+at |\.ts\b|Error:/);
  });

  it("ends with 2 and its usage when it is not understood, and with 0 when that was asked for", async () => {
    const wrong = await evaluate(dexFile, ["--horizon", "never"]);
    expect(wrong).toMatchObject({ code: 2, out: "" });
    expect(wrong.err).toMatch(/^--horizon is a whole number from 1 to 365, not never\.\n\n[\s\S]*Usage: /);
    const help = await evaluate(dexFile, ["--help"]);
    expect(help).toMatchObject({ code: 0, err: "" });
    expect(help.out).toContain("Usage: pnpm evaluate --data FILE");
  });

  it("stops at Ctrl-C", async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "obsqra-evaluate-"));
    const file = join(folder.path, "history.csv");
    await writeFile(file, fixtureCsv({ shape: "dex", markets: 20, days: 200, seed: 1 }));
    const child = await startScript("evaluate", ["--data", file], { cwd: folder.path });
    const [out, err] = [text(child.stdout), text(child.stderr)];
    await once(child.stderr, "data");
    child.kill("SIGINT");
    await once(child, "close");
    expect([child.exitCode, await out]).toEqual([130, ""]);
    expect(await err).toMatch(/^Stopped\.$/m);
  });
});
