import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../../..");

/** A project that has nothing but what npm installs with the packed client. */
let project: string;
let archive: string;

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "obsqra-packed-"));
  await run("npx", ["pnpm", "--filter", "@obsqra/client", "pack", "--pack-destination", project], {
    cwd: root,
  });
  await writeFile(join(project, "package.json"), JSON.stringify({ name: "project", type: "module" }));
  const packed = (await readdir(project)).find((name) => name.endsWith(".tgz"));
  archive = `./${packed}`;
  // It pins its own version of tRPC's client, which has to be the one that ours uses.
  const others = [
    "@trpc/tanstack-react-query@11.22.1",
    "@tanstack/react-query@5",
    "react@19",
    "@types/react@19",
    "publint@0.3.25",
    "@arethetypeswrong/cli@0.18.5",
  ];
  await run("npm", ["install", "--no-audit", "--no-fund", archive, ...others], { cwd: project });
});
afterAll(() => rm(project, { recursive: true, force: true }));

const script = `
const obsqra = createClient({ url: "http://localhost:8000", onSignedOut: undefined });
const { client } = createMockClient({ responses: { webhooks: { list: { items: [], next_cursor: null } } } });
const { protocols } = await client.analytics.dashboard.query();
const queries = createQueries(obsqra);
for await (const each of paginate(client.webhooks.list)) console.log(each.url);
console.log(protocols.length > 0, queries.auth.me.queryKey().length);
`;
const names = [
  ["createClient, paginate", "@obsqra/client"],
  ["createQueries", "@obsqra/client/react-query"],
  ["createMockClient", "@obsqra/client/testing"],
] as const;

async function check(...flags: string[]): Promise<string> {
  const options = [
    "--noEmit",
    "--strict",
    "--exactOptionalPropertyTypes",
    "--module",
    "nodenext",
    "--target",
    "es2022",
  ];
  const tsc = join(root, "node_modules/.bin/tsc");
  return run(tsc, [...options, ...flags, "page.ts"], { cwd: project }).then(
    () => "",
    ({ stdout }: { readonly stdout: string }) => stdout,
  );
}

it("is a package without faults to publint and to Are The Types Wrong", async () => {
  await run("npx", ["publint", "--strict", archive], { cwd: project });
  // ES modules only: CommonJS requires them on Node 22.12 or newer, as the README says.
  await run("npx", ["attw", archive, "--profile", "esm-only"], { cwd: project });
});

/** Those of a compiler's complaints that are about the client or its use. */
function oursOf(complaints: string): string[] {
  return complaints.split("\n").filter((line) => /^(page|node_modules\/@obsqra)/.test(line));
}

it("has a licence, says which Node it needs and what has side effects, and installs one copy of tRPC's client", async () => {
  const installed = join(project, "node_modules/@obsqra/client");
  expect((await readdir(installed)).sort()).toEqual([
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "dist",
    "package.json",
  ]);
  const manifest: unknown = JSON.parse(await readFile(join(installed, "package.json"), "utf8"));
  expect(manifest).toMatchObject({ license: "MIT", sideEffects: false, engines: { node: ">=20" } });
  const { stdout } = await run("npm", ["ls", "@trpc/client", "--parseable", "--all"], { cwd: project });
  expect([...new Set(stdout.trim().split("\n"))]).toHaveLength(1);
});

it("compiles under exact optional properties, with the DOM library, and without any", async () => {
  const imports = names.map(([name, from]) => `import { ${name} } from "${from}";`).join("\n");
  const print = "declare const console: { log(...values: unknown[]): void };";
  await writeFile(join(project, "page.ts"), `${imports}\n${script}`);
  const dom = ["--lib", "es2022,dom", "--types", "react"];
  expect(await check(...dom, "--skipLibCheck")).toBe("");
  // tRPC's own types need those of Node, and three of them the DOM library.
  expect(oursOf(await check(...dom))).toEqual([]);
  await writeFile(join(project, "page.ts"), `${imports}\n${print}\n${script}`);
  const nothing = ["--lib", "es2022", "--types", ""];
  expect(await check(...nothing, "--skipLibCheck")).toBe("");
  const core = `import { createClient } from "@obsqra/client"; createClient({ url: "" });`;
  await writeFile(join(project, "page.ts"), core);
  expect(oursOf(await check(...nothing))).toEqual([]);
});

const calls = `
const { access_token } = await obsqra.auth.login.mutate({ email: "ada@example.org", password: "" });
const { protocols } = await obsqra.analytics.dashboard.query({ days: 7 });
const forecasts = await obsqra.predictions.yield_forecast.query();
const { email } = await obsqra.auth.me.query();
const { items } = await obsqra.transactions.list.query({ limit: 5 });
const { status } = await obsqra.transactions.get.query({ tx_hash: "0x1" });
export const all = [access_token, protocols[0]?.risk_score, forecasts.next_cursor, email, items, status];
`;
const handWritten = `import type * as api from "@obsqra/client";
interface Options { signal?: AbortSignal }
interface Read<I, O> { query(input: I, options?: Options): Promise<O> }
interface ReadAll<I, O> { query(input?: I, options?: Options): Promise<O> }
interface Write<I, O> { mutate(input: I, options?: Options): Promise<O> }
interface Client {
  auth: { login: Write<api.LoginInput, api.Tokens>; me: ReadAll<undefined, api.User> };
  analytics: { dashboard: ReadAll<api.DashboardInput, api.Dashboard> };
  predictions: { yield_forecast: ReadAll<api.ForecastInput, api.YieldForecast> };
  transactions: {
    list: ReadAll<api.ListTransactionsInput, api.Transactions>;
    get: Read<api.GetTransactionInput, api.Transaction>;
  };
}
declare const obsqra: Client;
`;

async function countInstantiations(text: string): Promise<number> {
  await writeFile(join(project, "page.ts"), text);
  const options = "--noEmit --strict --module nodenext --target es2022 --lib es2022,dom --skipLibCheck";
  const { stdout } = await run(
    join(root, "node_modules/.bin/tsc"),
    [...options.split(" "), "--types", "", "--extendedDiagnostics", "page.ts"],
    { cwd: project },
  );
  return Number(/^Instantiations: +(\d+)$/m.exec(stdout)?.[1]);
}

it("gives an editor no more to do than a client written by hand", async () => {
  const ours = `import { createClient } from "@obsqra/client"; const obsqra = createClient({ url: "" });${calls}`;
  const count = await countInstantiations(ours);
  expect(count).toBeGreaterThan(0);
  expect(count / (await countInstantiations(handWritten + calls))).toBeLessThanOrEqual(1.3);
});

it("says in its types what a hover needs, and no more", async () => {
  const types = await readFile(join(project, "node_modules/@obsqra/client/dist/router.d.ts"), "utf8");
  const procedures = types.match(/: (?:Open)?(?:Query|Mutation|Subscription)</g) ?? [];
  expect(procedures.length).toBeGreaterThan(100);
  expect(types.length / procedures.length).toBeLessThanOrEqual(1_200);
});

it("runs as ES modules, and where CommonJS requires it", async () => {
  const imports = names.map(([name, from]) => `import { ${name} } from "${from}";`).join("\n");
  await writeFile(join(project, "module.mjs"), imports + script);
  const requires = names.map(([name, from]) => `const { ${name} } = require("${from}");`).join("\n");
  await writeFile(join(project, "common.cjs"), `${requires}\n(async () => {${script}})();`);
  for (const file of ["module.mjs", "common.cjs"]) {
    const { stdout } = await run(process.execPath, ["--disable-warning=ExperimentalWarning", file], {
      cwd: project,
    });
    expect([file, stdout]).toEqual([file, "true 4\n"]);
  }
});
