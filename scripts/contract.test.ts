import { spawnSync } from "node:child_process";
import { mkdtempDisposable, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, inject, it } from "vitest";
import type { ContractDescription } from "./contract/describe-contract.ts";

function contract(...parameters: string[]) {
  const script = join(import.meta.dirname, "contract.ts");
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...parameters], {
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

/** A folder with today's contract as the one that was released last. */
async function releaseToday() {
  const folder = await mkdtempDisposable(join(tmpdir(), "obsqra-contract-"));
  contract("release", "--released", folder.path);
  return folder;
}

it("explains itself, and refuses what it does not know", () => {
  expect(contract("--help")).toMatchObject({ status: 0, stdout: expect.stringContaining("pnpm contract") });
  expect(contract("forget")).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("What is forget for?"),
  });
});

it("accepts the contract of this checkout against the one that was released last", () => {
  expect(contract()).toMatchObject({ status: 0, stderr: "" });
});

it.runIf(inject("isLong"))("finds nothing between a release and itself", async () => {
  await using folder = await releaseToday();
  const same = { status: 0, stdout: "The contract is the one that was released last.\n", stderr: "" };
  expect(contract("--released", folder.path)).toEqual(same);
});

it("fails on a breaking change until it is declared, and on a declaration of nothing", async () => {
  await using folder = await releaseToday();
  const [released, declarations] = ["contract.json", "breaking-changes.json"].map((name) =>
    join(folder.path, name),
  );
  const description = JSON.parse(await readFile(released ?? "", "utf8")) as ContractDescription;
  const endpoints = { ...description.endpoints, "things.list": description.endpoints["auth.me"] };
  await writeFile(released ?? "", JSON.stringify({ ...description, endpoints }));
  expect(contract("--released", folder.path)).toMatchObject({
    status: 1,
    stderr: "Breaking, and not declared in breaking-changes.json:\n  things.list: removed\n",
  });
  const declare = (...ids: string[]) =>
    writeFile(declarations ?? "", JSON.stringify(ids.map((id) => ({ id, reason: "Nobody used it." }))));
  await declare("things.list: removed");
  expect(contract("--released", folder.path)).toMatchObject({
    status: 0,
    stdout: "Breaking, and declared:\n  things.list: removed\n    Nobody used it.\n",
  });
  await declare("things.list: removed", "things.get: removed");
  expect(contract("--released", folder.path)).toMatchObject({
    status: 1,
    stderr: "Declared in breaking-changes.json, but no breaking change:\n  things.get: removed\n",
  });
});
