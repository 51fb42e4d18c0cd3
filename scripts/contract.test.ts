import { spawnSync } from "node:child_process";
import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, inject, it } from "vitest";
import { describeContract } from "./contract/describe-contract.ts";

function contract(...parameters: string[]) {
  const script = join(import.meta.dirname, "contract.ts");
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...parameters], {
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

/** A folder in which the contract that was released last is today's and an endpoint more. */
async function releaseWithOneMore() {
  const folder = await mkdtempDisposable(join(tmpdir(), "obsqra-contract-"));
  const { endpoints, ...rest } = describeContract();
  const released = { ...rest, endpoints: { ...endpoints, "things.list": endpoints["auth.me"] } };
  await writeFile(join(folder.path, "contract.json"), JSON.stringify(released));
  const declare = (...ids: string[]) =>
    writeFile(
      join(folder.path, "breaking-changes.json"),
      JSON.stringify(ids.map((id) => ({ id, reason: "Nobody used it." }))),
    );
  await declare();
  return { path: folder.path, declare, [Symbol.asyncDispose]: () => folder.remove() };
}

/** Each run starts a process. */
const long = it.runIf(inject("isLong"));

long("explains itself, and refuses what it does not know", () => {
  expect(contract("--help")).toMatchObject({ status: 0, stdout: expect.stringContaining("pnpm contract") });
  expect(contract("forget")).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("What is forget for?"),
  });
});

it("accepts the contract of this checkout against the one that was released last", () => {
  expect(contract()).toMatchObject({ status: 0, stderr: "" });
});

long("finds nothing between a release and itself", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "obsqra-contract-"));
  contract("release", "--released", folder.path);
  const same = { status: 0, stdout: "The contract is the one that was released last.\n", stderr: "" };
  expect(contract("--released", folder.path)).toEqual(same);
});

it("fails on a breaking change that is not declared, and on a declaration of nothing", async () => {
  await using folder = await releaseWithOneMore();
  await folder.declare("things.get: removed");
  expect(contract("--released", folder.path)).toMatchObject({
    status: 1,
    stderr: `Breaking, and not declared in breaking-changes.json:
  things.list: removed
Declared in breaking-changes.json, but no breaking change:
  things.get: removed
`,
  });
});

long("takes a breaking change that is declared", async () => {
  await using folder = await releaseWithOneMore();
  await folder.declare("things.list: removed");
  expect(contract("--released", folder.path)).toMatchObject({
    status: 0,
    stdout: "Breaking, and declared:\n  things.list: removed\n    Nobody used it.\n",
  });
});
