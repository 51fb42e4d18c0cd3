import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { listCalls } from "@obsqra/contract";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { compileCache } from "../process/compile-cache.ts";
import { startExampleServer } from "./start-example-server.ts";

const run = promisify(execFile);
const consumer = join(import.meta.dirname, "../../../rest-consumer");
const bin = join(consumer, "node_modules/.bin");

/** Compares every operation with the contract, and has to notice what is not the same. */
const comparison = `import type { contract } from "@obsqra/contract";
import { type Differences, type Equal, expectNone } from "./compare.ts";

${listCalls()
  .map(({ feature, name, endpoint: { rest } }) =>
    [`typeof contract.${feature}.${name}`, `"${feature}_${name}"`, rest.status].join(", "),
  )
  .map((types) => `expectNone<Differences<${types}>>();`)
  .join("\n")}

// @ts-expect-error another operation
expectNone<Differences<typeof contract.auth.login, "auth_register", 201>>();
// @ts-expect-error another output
expectNone<Differences<typeof contract.auth.me, "users_profile", 200>>();
const isEqual: [Equal<{ a: string }, { a?: string }>, Equal<{ a: 1 | null }, { a: 1 }>] = [false, false];
void isEqual;
`;

/** The project's is quick; openapi-typescript is made for the other one, which takes three times as long. */
const compilers = [
  ["the project's TypeScript", join(consumer, "../../node_modules/.bin/tsc")],
  ...(inject("isLong") ? [["TypeScript 5", join(bin, "tsc")] as const] : []),
] as const;

/** Compiles the consumer; gives what the compiler complains about. */
function compileWith(tsc: string): Promise<string> {
  return run(tsc, ["-p", consumer]).then(
    () => "",
    ({ stdout }: { readonly stdout: string }) => stdout,
  );
}

// The document is the same on both engines, so once is enough.
describe.runIf(inject("databaseEngine") === "pglite")("the REST consumer", () => {
  beforeAll(async () => {
    const document = join(consumer, "../../packages/openapi/openapi.json");
    await run(join(bin, "openapi-typescript"), [document, "-o", join(consumer, "src/api.ts")]);
    await writeFile(join(consumer, "test/every-operation.ts"), comparison);
  });

  it.each(compilers)(
    "compiles with %s, with types from the document that are exactly the contract's for every operation",
    async (_, tsc) => {
      expect(await compileWith(tsc)).toBe("");
    },
  );

  it("registers, repeats safely, tells errors apart, pages, revalidates and sees its limits", async () => {
    await using server = await startExampleServer();
    const start = async () => {
      const flags = ["--disable-warning=ExperimentalWarning", join(consumer, "src/main.ts")];
      return (await run(process.execPath, [...flags, server.url], { env: compileCache })).stdout;
    };
    const output = await start();
    expect(output).toContain("same transaction: true\nreplayed: true\nlogged before: 0x0000");
    expect(output).toMatch(/^0x0+5a1e: 0\.5\n0x0+5a1d: 1250\.5$/m);
    expect(output).toMatch(/^dashboard: \d+ protocols, then 304$/m);
    expect(output).toMatch(/^rate limit: "ip";r=\d+;t=\d+, /m);
    // The second time, the account and its log are there already. Each starts a process.
    if (!inject("isLong")) return;
    expect(await start()).toContain("same transaction: false\nreplayed: true\nlogged before: 0x0000");
  });
});
