import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, inject, it } from "vitest";
import { generateFiles, listOutdated } from "./generate/generated-files.ts";

const root = new URL("../", import.meta.url);

function generate(...options: string[]) {
  const script = fileURLToPath(new URL("scripts/generate.ts", root));
  return spawnSync(process.execPath, [script, ...options], { encoding: "utf8" });
}

function readText(path: string): string | undefined {
  const url = new URL(path, root);
  return existsSync(url) ? readFileSync(url, "utf8").replaceAll("\r\n", "\n") : undefined;
}

describe("generated files", () => {
  it.runIf(inject("isLong"))("are the same every time", () => {
    expect([...generateFiles()]).toEqual([...generateFiles()]);
  });

  it("are named when they differ or are missing", () => {
    const generated = new Map([
      ["same", "1"],
      ["changed", "1"],
      ["missing", "1"],
    ]);
    const onDisk = new Map([
      ["same", "1"],
      ["changed", "2"],
    ]);
    expect(listOutdated(generated, (path) => onDisk.get(path))).toEqual(["changed", "missing"]);
  });

  it("leave nothing of the server's libraries in the client", () => {
    const router = readText("packages/client/src/router.ts") ?? "";
    expect(router).not.toMatch(/\b(any|zod|kysely|fastify)\b/i);
  });
});

describe("the command", () => {
  it.runIf(inject("isLong"))("explains itself", () => {
    const { status, stdout } = generate("--help");
    expect([status, stdout]).toEqual([0, expect.stringContaining("--check")]);
  });

  it("accepts this checkout, where all files are up to date with the contract", () => {
    const { status, stdout, stderr } = generate("--check");
    expect([status, stdout, stderr]).toEqual([0, "All generated files are up to date.\n", ""]);
  });
});
