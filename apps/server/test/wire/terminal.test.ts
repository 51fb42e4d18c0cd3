import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCli } from "@obsqra/cli";
import { expect, it } from "vitest";
import { fetchOf } from "../../src/commands/open-in-process.ts";
import { startTestServer } from "./start-test-server.ts";

it("serves a terminal from registering to signing out", async () => {
  await using server = await startTestServer();
  const home = await mkdtemp(join(tmpdir(), "obsqra-terminal-"));
  await using _folder = { [Symbol.asyncDispose]: () => rm(home, { recursive: true, force: true }) };
  const inProcess = async () => ({
    url: "http://in-process",
    fetch: fetchOf(server.app),
    [Symbol.asyncDispose]: async () => {},
  });
  const obsqra = async (...words: string[]) => {
    const written = { output: "", complaints: "" };
    const screen = (name: keyof typeof written) => ({
      write(text: string) {
        written[name] += text;
      },
      isTerminal: false,
      columns: Number.POSITIVE_INFINITY,
    });
    const place = {
      parameters: words,
      variables: { OBSQRA_URL: server.url },
      home,
      output: screen("output"),
      complaints: screen("complaints"),
      readSecret: async () => "correct horse battery staple",
      readLines: async function* () {},
      signal: new AbortController().signal,
      fetch,
    };
    const code = await runCli(place, { version: "1.0.0", openInProcess: inProcess });
    return { code, ...written };
  };

  const email = "ada@example.org";
  expect((await obsqra("auth", "register", "--email", email, "--full-name", "Ada")).complaints).toBe("");
  expect((await obsqra("auth", "me")).output).toMatch(/^email +ada@example\.org$/m);
  const words = ["--tx-type", "deposit", "--amount", "1250.5", "--details", '{"token":"USDC"}'];
  for (const hash of ["0x1", "0x2"]) await obsqra("transactions", "create", "--tx-hash", hash, ...words);
  const all = await obsqra("transactions", "list", "--limit", "1", "--all", "--json");
  const hashes = all.output
    .trimEnd()
    .split("\n")
    .map((line) => BigInt(JSON.parse(line).tx_hash as string));
  expect(hashes.sort()).toEqual([1n, 2n]);
  const refused = await obsqra("transactions", "create", "--tx-hash", "?", ...words);
  expect(refused).toEqual({ code: 2, output: "", complaints: expect.stringMatching(/^--tx-hash: /) });
  const there = await obsqra("--in-process", "auth", "login", "--email", email);
  expect(there.complaints).toBe("");
  expect((await obsqra("--in-process", "auth", "me")).output).toMatch(/^email +ada@example\.org$/m);
  expect((await obsqra("auth", "logout")).code).toBe(0);
  expect((await obsqra("auth", "me")).code).toBe(3);
});
