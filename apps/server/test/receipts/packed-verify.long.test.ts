import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { writeWholeLog } from "@obsqra/features/testing";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { startTestServer, type TestServer } from "../wire/start-test-server.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../../../..");

describe.runIf(inject("databaseEngine") === "pglite")("the packed verifier", () => {
  /** A project that has nothing but what npm installs with the verifier. */
  let project: string;
  let server: TestServer;
  let forecast: string;
  /** A file with the receipt of a suggestion. */
  let receipt: string;

  beforeAll(async () => {
    project = await mkdtemp(join(tmpdir(), "obsqra-packed-verify-"));
    const pack = ["pnpm", "--filter", "@obsqra/verify", "pack", "--pack-destination", project];
    await run("npx", pack, { cwd: root });
    await writeFile(join(project, "package.json"), JSON.stringify({ name: "project", type: "module" }));
    const [archive = ""] = (await readdir(project)).filter((name) => name.endsWith(".tgz"));
    // Offline: whatever it needs is in it.
    await run("npm", ["install", "--offline", "--no-audit", "--no-fund", `./${archive}`], { cwd: project });
    server = await startTestServer({ withForecasts: true });
    await writeWholeLog(server.api);
    const { items } = await server.api.caller().predictions.forecast_history({ granularity: "market" });
    forecast = items[0]?.id ?? "";
    const ada = await server.api.signUp();
    const { id: suggestion_id } = await ada.predictions.run_optimization();
    await writeWholeLog(server.api);
    receipt = join(project, "receipt.json");
    await writeFile(receipt, JSON.stringify(await ada.receipts.suggestion({ suggestion_id })));
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await rm(project, { recursive: true, force: true });
  });

  it("has a licence, and needs no other package", async () => {
    const { stdout } = await run("npm", ["ls", "--parseable", "--all"], { cwd: project });
    expect(stdout.trim().split("\n")).toEqual([project, join(project, "node_modules/@obsqra/verify")]);
    const installed = join(project, "node_modules/@obsqra/verify");
    expect((await readdir(installed)).toSorted()).toEqual(["LICENSE", "README.md", "dist", "package.json"]);
    const manifest: unknown = JSON.parse(await readFile(join(installed, "package.json"), "utf8"));
    expect(manifest).not.toHaveProperty("dependencies");
  });

  it("verifies a forecast, a suggestion and the whole record by its command", async () => {
    const last = {
      forecast: /^ok {4}re_execution /m,
      suggestion: /^ok {4}figures /m,
      record: /^ok {4}aggregates /m,
    };
    for (const [what, ...id] of [["forecast", forecast], ["suggestion", receipt], ["record"]] as const) {
      const asked = [what, ...id];
      const { stdout } = await run("npx", ["obsqra-verify", server.url, ...asked], { cwd: project });
      expect(stdout).toContain("Everything that was checked holds.");
      expect(stdout).toMatch(last[what]);
    }
  });

  it("is imported by a program, whose types need nothing of ours", async () => {
    const script = `
import { verifySuggestion } from "@obsqra/verify/suggestion";
import { UnsupportedEngineError, type Verification, verifyForecast, verifyTrackRecord } from "@obsqra/verify";
const receipt: unknown = await (await fetch(new URL(process.argv[2] ?? ""))).json();
const { verdict, checks }: Verification = await verifyForecast(receipt, { reExecute: false, logUrl: process.argv[3] ?? "" });
const { name }: Error = new UnsupportedEngineError("old");
console.log(verdict, checks.length, typeof verifyTrackRecord, typeof verifySuggestion, name);
`;
    const node = "declare const process: { readonly argv: readonly string[] };";
    await writeFile(join(project, "program.ts"), node + script);
    const options = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2022", "--types", ""];
    await run(join(root, "node_modules/.bin/tsc"), [...options, "--lib", "es2022,dom", "program.ts"], {
      cwd: project,
    });
    const receipt = `${server.url}/api/v1/predictions/forecasts/${forecast}/receipt`;
    const { stdout } = await run(process.execPath, ["program.ts", receipt, `${server.url}/log`], {
      cwd: project,
    });
    expect(stdout).toBe("self_attested 12 function function UnsupportedEngineError\n");
  });
});
