import { execFile } from "node:child_process";
import { cp, mkdtempDisposable, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { buildServer } from "../src/build-server.ts";
import { readEnvironment } from "../src/env.ts";
import { openApplication } from "../src/open-application.ts";

const run = promisify(execFile);
const examples = join(import.meta.dirname, "../examples");
const root = join(import.meta.dirname, "../../..");
const clientExamples = join(root, "packages/client/examples");

function createFolder() {
  return mkdtempDisposable(join(tmpdir(), "obsqra-examples-"));
}

function openIn(folder: string) {
  return openApplication(
    readEnvironment({ MARKET_SOURCE: "simulated", DATA_DIRECTORY: folder, ENVIRONMENT: "test" }),
  );
}

/** A server with simulated history on a free port. */
async function startServer(prepared: string) {
  const stack = new AsyncDisposableStack();
  const folder = stack.use(await createFolder());
  await cp(prepared, folder.path, { recursive: true });
  const application = stack.use(await openIn(folder.path));
  const app = await buildServer(application);
  stack.defer(() => app.close());
  const origin = await app.listen({ host: "127.0.0.1", port: 0 });
  return { origin, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Runs an example with some of its text replaced, from a file beside it, so that its imports resolve. */
async function runExample(name: string, replacements: Record<string, string>, directory = examples) {
  await using folder = await mkdtempDisposable(join(directory, "run-"));
  let text = await readFile(join(directory, name), "utf8");
  for (const [from, to] of Object.entries(replacements)) text = text.replaceAll(from, to);
  const copy = join(folder.path, name);
  await writeFile(copy, text);
  const [command, ...flags] = name.endsWith(".sh")
    ? ["sh", "-eu"]
    : [process.execPath, "--disable-warning=ExperimentalWarning"];
  const { stdout } = await run(command ?? "", [...flags, copy], { timeout: 60_000 });
  return stdout;
}

const hasCurl = await run("curl", ["--version"]).then(
  () => true,
  () => false,
);

describe("the README", () => {
  it.each(["client.ts", "journey.sh", "in-process.ts"])("shows examples/%s as it is", async (name) => {
    const readme = await readFile(join(root, "README.md"), "utf8");
    const blocks = Array.from(readme.matchAll(/```(?:ts|sh)\n(.*?)```/gs), ([, block]) => block);
    expect(blocks).toContain(await readFile(join(examples, name), "utf8"));
  });
});

// The examples choose their own database, so one engine is enough.
describe.runIf(inject("databaseEngine") === "pglite")("the examples", () => {
  let prepared: Awaited<ReturnType<typeof createFolder>>;

  // History and models, which take longer than the examples: each starts from a copy.
  beforeAll(async () => {
    prepared = await createFolder();
    await (await openIn(prepared.path))[Symbol.asyncDispose]();
  });
  afterAll(() => prepared.remove());

  it("client.ts prints forecasts and an allocation", async () => {
    await using server = await startServer(prepared.path);
    const output = await runExample("client.ts", { "http://localhost:8000": server.origin });
    expect(output).toMatch(/ekubo: [\d.]+ % a year \(90 %: [\d.]+ to [\d.]+ %\)/);
    expect(output).toContain("These figures are simulated.");
    expect(output).toMatch(/\{ .*ekubo: [\d.]+.* \} .*Invest/);
  });

  it("of the client's README register, keep a session, make a key, read pages and check a log", async () => {
    await using server = await startServer(prepared.path);
    const runClientExample = (name: string) =>
      runExample(name, { "http://localhost:8000": server.origin }, clientExamples);
    expect(await runClientExample("use.ts")).toContain("rebalance");
    expect(await runClientExample("reauthenticate.ts")).toContain("profile");
    expect(await runClientExample("api-key.ts")).toMatch(/^\d+ protocols$/m);
    expect(await runClientExample("pages.ts")).toMatch(/^simulated \d+$/m);
    expect(await runClientExample("verify-transactions.ts")).toMatch(/^1 entries, [0-9a-f]{64}$/m);
  });

  it.skipIf(!hasCurl)("journey.sh registers, reads, optimises and logs a transaction", async () => {
    await using server = await startServer(prepared.path);
    const output = await runExample("journey.sh", { "http://localhost:8000": server.origin });
    expect(output).toContain('"protocols":[');
    expect(output).toContain('"risk_score":');
    expect(output).toContain('"outcome":"rebalance"');
    expect(output.match(/"amount":"1250.5"/g)).toHaveLength(2);
    expect(output).not.toContain('"code":');
  });

  it("in-process.ts optimises without a server", async () => {
    await using folder = await createFolder();
    await cp(prepared.path, folder.path, { recursive: true });
    const output = await runExample("in-process.ts", {
      ".data/script": folder.path,
      "../src/": "../../src/",
    });
    expect(output).toMatch(/\{ .*vesu: [\d.]+.* \} .*Invest/);
  });
});
