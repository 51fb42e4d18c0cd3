import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestServer, type TestServer } from "../wire/start-test-server.ts";

const run = promisify(execFile);

/** One version of each, so that a new release breaks this test only when somebody takes it. */
const installed = [
  "@graphql-codegen/cli@7.4.3",
  "@graphql-codegen/client-preset@6.2.0",
  "graphql@17.1.0",
  "typescript@5.9.3",
  "@types/node@24.19.2",
];

/** What a frontend writes: where the schema is, and how it reads the scalars that are texts. */
const configuration = (url: string) => `export default {
  schema: ${JSON.stringify(`${url}/graphql`)},
  documents: ["consumer.ts"],
  emitLegacyCommonJSImports: false,
  generates: {
    "./gql/": {
      preset: "client",
      presetConfig: { persistedDocuments: true, fragmentMasking: false },
      config: {
        documentMode: "string",
        enumsAsTypes: true,
        useTypeImports: true,
        strictScalars: true,
        scalars: {
          Amount: "string", UsdAmount: "string", Felt: "string", Instant: "string",
          SafeInt: "number", Json: "unknown", Allocation: "Record<string, number>",
        },
      },
    },
  },
};`;

const consumer = `import { graphql } from "./gql/index.js";
import type { TypedDocumentString } from "./gql/graphql.js";

const [url = "", token = "", way = ""] = process.argv.slice(2);

const forecasts = graphql(\`query Forecasts($first: Int!) {
  predictions_yield_forecast(first: $first) {
    __typename
    ... on YieldForecastConnection {
      nodes { protocol apy target_at }
      pageInfo { hasNextPage }
    }
    ... on Problem { code }
    ... on ForecastsNotReadyProblem { details { missing } }
  }
}\`);

const log = graphql(\`mutation Log($hash: Felt!, $amount: Amount!) {
  transactions_create(tx_hash: $hash, tx_type: deposit, amount: $amount) {
    __typename
    ... on Transaction { amount status created_at }
    ... on TransactionAlreadyLoggedProblem { code }
  }
}\`);

async function ask<TResult, TVariables>(document: TypedDocumentString<TResult, TVariables>, variables: TVariables): Promise<TResult> {
  const asked = way === "hash" ? { documentId: String(document.__meta__?.["hash"]) } : { query: document.toString() };
  const response = await fetch(url + "/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", authorization: "Bearer " + token },
    body: JSON.stringify({ ...asked, variables }),
  });
  const { data, errors } = (await response.json()) as { data?: TResult; errors?: readonly { message: string }[] };
  if (data === undefined) throw new Error(errors?.[0]?.message);
  return data;
}

const { predictions_yield_forecast: found } = await ask(forecasts, { first: 2 });
if (found?.__typename === "YieldForecastConnection") {
  const figures: readonly number[] = found.nodes.map(({ apy }) => apy);
  const names: readonly string[] = found.nodes.map(({ protocol }) => protocol);
  console.log(names.join(), figures.every((figure) => figure > 0), found.pageInfo.hasNextPage);
} else {
  console.log(found?.code);
}
for (const _ of [1, 2]) {
  const { transactions_create: logged } = await ask(log, { hash: "0x5a1d", amount: "1250.5" });
  if (logged?.__typename === "Transaction") {
    const amount: string = logged.amount;
    const status: "pending" | "confirmed" | "failed" | "not_found" | "unverified" = logged.status;
    console.log(amount, status);
  } else if (logged?.__typename === "TransactionAlreadyLoggedProblem") {
    console.log(logged.code);
  }
}
`;

/** What a type checker has to refuse. */
const mistakes = [
  ["first: 2 }", 'first: "2" }'],
  ['amount: "1250.5"', "amount: 1250.5"],
  ["({ apy }) => apy", "({ apr }) => apr"],
  ["const amount: string", "const amount: number"],
] as const;

let server: TestServer;
let project: string;
const compile = () =>
  run("node_modules/.bin/tsc", [], { cwd: project }).then(
    () => "",
    ({ stdout }: { readonly stdout: string }) => stdout,
  );

beforeAll(async () => {
  server = await startTestServer({ withForecasts: true });
  project = await mkdtemp(join(tmpdir(), "obsqra-graphql-"));
  await write("package.json", JSON.stringify({ name: "project", type: "module" }));
  const compilerOptions = {
    strict: true,
    noUncheckedIndexedAccess: true,
    noPropertyAccessFromIndexSignature: true,
    exactOptionalPropertyTypes: true,
    target: "es2022",
    module: "nodenext",
    skipLibCheck: true,
    types: ["node"],
  };
  await write("tsconfig.json", JSON.stringify({ compilerOptions, files: ["consumer.ts"] }));
  await write("codegen.js", configuration(server.url));
  await write("consumer.ts", consumer);
  await run("npm", ["install", "--no-audit", "--no-fund", ...installed], { cwd: project });
  await run("node_modules/.bin/graphql-codegen", ["--config", "codegen.js"], { cwd: project });
}, 600_000);
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(project, { recursive: true, force: true });
});

function write(name: string, text: string): Promise<void> {
  return writeFile(join(project, name), text);
}

it("has a schema that graphql-codegen makes a typed consumer of, which compiles strictly and runs", async () => {
  expect(await compile()).toBe("");
  expect(await runConsumer(server, "query")).toBe(
    "ekubo,nostra true true\n1250.5 pending\nTRANSACTION_ALREADY_LOGGED\n",
  );
}, 300_000);

it("runs by the hashes of its operations where no others are taken", async () => {
  const operations = join(project, "gql/persisted-documents.json");
  expect(Object.values(JSON.parse(await readFile(operations, "utf8")))).toHaveLength(2);
  await using listed = await startTestServer({
    withForecasts: true,
    env: { ENVIRONMENT: "production", GRAPHQL_OPERATIONS: operations },
  });
  expect(await runConsumer(listed, "hash")).toContain("ekubo,nostra true true\n1250.5");
}, 300_000);

it.each(mistakes)(
  "does not compile with %j written as %j",
  async (right, wrong) => {
    expect(consumer).toContain(right);
    await write("consumer.ts", consumer.replace(right, wrong));
    expect(await compile()).toContain("error TS");
  },
  300_000,
);

async function runConsumer(of: TestServer, way: "query" | "hash"): Promise<string> {
  const { authorization } = await of.signUp("ada@example.org");
  const token = authorization.slice("Bearer ".length);
  const { stdout } = await run(process.execPath, ["consumer.js", of.url, token, way], { cwd: project });
  return stdout;
}
