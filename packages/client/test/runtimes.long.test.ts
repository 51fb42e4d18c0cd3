import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createContext, runInContext } from "node:vm";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openService } from "./service-double.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../../..");

/** A page that uses the client in every way that needs something of the runtime. */
const page = `
import { createClient, createMemoryTokenStorage, follow, paginate, renewTokens } from "@obsqra/client";

export async function use(url, now) {
  const tokens = createMemoryTokenStorage();
  const obsqra = createClient({ url, tokens });
  await obsqra.auth.login.mutate({ email: "ada@example.org", password: "right" });
  const [me, profile] = await Promise.all([obsqra.auth.me.query(), obsqra.users.profile.query()]);
  const hashes = [];
  for await (const { tx_hash } of paginate(obsqra.transactions.list)) hashes.push(tx_hash);
  const refusal = await obsqra.transactions.create
    .mutate({ tx_hash: "0x1", tx_type: "deposit", amount: "1" })
    .catch(({ code, details }) => [code, details.tx_hash]);
  const aborted = new AbortController();
  aborted.abort();
  const stopped = await obsqra.auth.me.query(undefined, { signal: aborted.signal }).catch(({ code }) => code);
  const slow = await obsqra.auth.me.query(undefined, { context: { timeoutMs: 0 } }).catch(({ code }) => code);
  const before = tokens.read();
  const renewed = await renewTokens({ url, tokens: before, now: () => now });
  await tokens.write(before);
  // It is spent: the session is over.
  const ended = await obsqra.auth.me.query().catch(({ code }) => code);
  let unread;
  try {
    const response = { ok: true, status: 200, headers: new Headers({ "content-type": "text/event-stream" }) };
    const procedure = { subscribe: (_input, { onData }) => onData(response) };
    for await (const event of follow(procedure)) unread = event.type;
  } catch ({ code }) {
    unread = code;
  }
  return JSON.stringify([me.email, profile.email, hashes, refusal, stopped, slow, renewed.access_token, ended, unread]);
}
`;
const result = [
  "ada@example.org",
  "ada@example.org",
  ["0x1", "0x2", "0x3"],
  ["TRANSACTION_ALREADY_LOGGED", "0x1"],
  "REQUEST_ABORTED",
  "REQUEST_TIMED_OUT",
  "access-2",
  "TOKEN_EXPIRED",
  "RESPONSE_UNREADABLE",
];

let folder: string;
/** The page with all that it imports, as one script without any import. */
let script: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "obsqra-runtimes-"));
  const { outputFiles } = await build({
    stdin: { contents: page, resolveDir: join(root, "packages/client/test") },
    // What a bundler for such runtimes takes; an import of Node's own modules would fail here.
    ...{ bundle: true, write: false, format: "iife", globalName: "page", platform: "neutral" },
    mainFields: ["module", "main"],
    target: "es2022",
  });
  script = outputFiles[0]?.text ?? "";
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it("runs at the edge, where there is nothing of Node", async () => {
  await using service = await openService();
  await writeFile(join(folder, "package.json"), JSON.stringify({ name: "project", type: "module" }));
  await run("npm", ["install", "--no-audit", "--no-fund", "@edge-runtime/vm@5.0.0"], { cwd: folder });
  await writeFile(
    join(folder, "edge.js"),
    `import { EdgeVM } from "@edge-runtime/vm";
const runtime = new EdgeVM();
runtime.evaluate(${JSON.stringify(script)});
if (runtime.evaluate("typeof process") !== "undefined") throw new Error("That is Node.");
console.log(await runtime.evaluate(${JSON.stringify(`page.use(${JSON.stringify(service.url)}, Date.now() + 1_800_000)`)}));`,
  );
  const { stdout } = await run(process.execPath, ["edge.js"], { cwd: folder });
  expect(JSON.parse(stdout)).toEqual(result);
}, 300_000);

/** The address of React Native before 0.80: it has no setters, and `searchParams` cannot be changed. */
class ReadOnlyUrl {
  readonly #url: URL;

  constructor(url: string, base?: string) {
    this.#url = new URL(url, base);
  }

  get href(): string {
    return this.#url.href;
  }

  get origin(): never {
    throw new Error("URL.origin is not implemented");
  }

  get searchParams(): never {
    throw new Error("URL.searchParams is not implemented");
  }

  toString(): string {
    return this.#url.href;
  }
}

it("runs where there is only what React Native has", async () => {
  await using service = await openService();
  const runtime = createContext({
    // It has no streams: a response is there as a whole.
    fetch: async (url: string, init: RequestInit) => {
      const { ok, status, headers, ...response } = await fetch(url, init).then(async (whole) => ({
        ...{ ok: whole.ok, status: whole.status, headers: whole.headers, body: undefined },
        text: await whole.text(),
      }));
      return {
        ...{ ok, status, headers, url },
        text: async () => response.text,
        json: async () => JSON.parse(response.text) as unknown,
      };
    },
    URL: ReadOnlyUrl,
    ...{ AbortController, AbortSignal: class {}, Headers, setTimeout, clearTimeout, TextEncoder },
    navigator: { product: "ReactNative" },
  });
  runInContext(script, runtime);
  const use = runInContext("page.use", runtime) as (url: string, now: number) => Promise<string>;
  expect(JSON.parse(await use(service.url, Date.now() + 1_800_000))).toEqual(result);
});
