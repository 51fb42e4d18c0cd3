import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listCalls } from "@obsqra/contract";
import { sampleInput } from "@obsqra/contract/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ApiCommand, toWord } from "./command.ts";
import { apiCommands } from "./commands.ts";
import { exitCodes } from "./exit-codes.ts";
import { formatResult } from "./format-result.ts";
import { runCli } from "./run-cli.ts";

/** What a service responds to a call: an output, or an error by its code. */
type Respond = (path: string, input: unknown, token: string | undefined) => unknown;

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "obsqra-terminal-"));
});
afterAll(() => rm(home, { recursive: true, force: true }));

interface Line {
  readonly respond?: Respond;
  readonly secrets?: readonly string[];
  readonly columns?: number;
  readonly apiKey?: string;
}

async function run(words: readonly string[], { respond, secrets = [], columns, apiKey }: Line = {}) {
  const written = { output: "", complaints: "" };
  const calls: { path: string; input: unknown }[] = [];
  const asked: string[] = [];
  const screen = (name: keyof typeof written) => ({
    write(text: string) {
      written[name] += text;
    },
    isTerminal: false,
    columns: columns ?? Number.POSITIVE_INFINITY,
  });
  const code = await runCli(
    {
      parameters: words,
      variables: { OBSQRA_URL: "http://service.example/", OBSQRA_API_KEY: apiKey },
      home,
      output: screen("output"),
      complaints: screen("complaints"),
      readSecret: async (question) => secrets[asked.push(question) - 1] ?? "",
      readLines: async function* () {},
      signal: new AbortController().signal,
      fetch: (async (...[url, init]: Parameters<typeof fetch>) => {
        const { pathname, searchParams } = new URL(String(url));
        const isBatch = searchParams.get("batch") === "1";
        const text =
          init?.method === "POST" ? String(init.body ?? "{}") : (searchParams.get("input") ?? "{}");
        const body = JSON.parse(text) as Record<string, unknown>;
        const token = new Headers(init?.headers).get("authorization")?.slice("Bearer ".length);
        const responses = pathname
          .slice("/trpc/".length)
          .split(",")
          .map((path, index) => {
            const input = isBatch ? body[String(index)] : text === "{}" ? undefined : body;
            calls.push({ path, input });
            return respond?.(path, input, token) ?? { result: { data: { path } } };
          });
        return Response.json(isBatch ? responses : responses[0]);
      }) as typeof fetch,
    },
    { version: "1.2.3" },
  );
  return { code, calls, asked, ...written };
}

const output = (data: unknown) => ({ result: { data } });
function failure(app_code: string, httpStatus: number, details?: unknown) {
  const data = { code: "BAD_REQUEST", httpStatus, app_code, details, request_id: "request-1" };
  return { error: { message: `It says ${app_code}.`, code: -32600, data } };
}

/** How an input is typed. */
function wordsOf({ path, fields }: ApiCommand, input: Readonly<Record<string, unknown>>) {
  const words = path.split(".").map(toWord);
  const secrets: string[] = [];
  for (const { name, isSecret, isPositional, type } of fields) {
    const value = input[name];
    if (isSecret === true) secrets.push(String(value ?? ""));
    else if (value === undefined) continue;
    else if (isPositional === true) words.splice(2, 0, String(value));
    else if (Array.isArray(value) && type === "list") words.push(`--${toWord(name)}`, ...value.map(String));
    else words.push(`--${toWord(name)}=${type === "json" ? JSON.stringify(value) : String(value)}`);
  }
  return { words, secrets };
}

it("has a command for every call of the contract, which sends the input that was typed", async () => {
  const calls = listCalls();
  const known = new Map(apiCommands.map((command) => [command.path, command]));
  for (const { path, endpoint } of calls) {
    const command = known.get(path);
    if (command === undefined) throw new Error(`There is no command for ${path}.`);
    const sample = (sampleInput(endpoint.input) ?? {}) as Record<string, unknown>;
    const { words, secrets } = wordsOf(command, sample);
    const line = await run(words, { secrets, apiKey: "obsqra_key" });
    expect([path, line.complaints, line.code]).toEqual([path, "", exitCodes.done]);
    const sent = line.calls[0]?.input ?? {};
    expect([path, sent]).toEqual([path, sample]);
  }
});

it("keeps the tokens of a sign-in where only their owner reads them, sends them, and forgets them on sign-out", async () => {
  const respond: Respond = (path, _input, token) => {
    if (path === "auth.login")
      return output({ access_token: "access-1", refresh_token: "refresh-1", expires_in: 1800 });
    return output({ token });
  };
  const login = await run(["auth", "login", "--email", "ada@example.org"], {
    respond,
    secrets: ["a secret"],
  });
  expect(login.asked).toEqual(["password"]);
  expect(login.calls[0]?.input).toEqual({ email: "ada@example.org", password: "a secret" });
  expect(login.output).not.toContain("access-1");
  const folder = join(home, ".config/obsqra/sessions");
  const [file = ""] = await readdir(folder);
  expect((await stat(join(folder, file))).mode & 0o777).toBe(0o600);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  expect(JSON.parse(await readFile(join(folder, file), "utf8"))).toEqual({
    access_token: "access-1",
    refresh_token: "refresh-1",
  });
  expect((await run(["auth", "me"], { respond })).output).toBe("token  access-1\n");
  expect((await run(["auth", "me"], { respond, apiKey: "obsqra_key" })).output).toBe("token  obsqra_key\n");
  await run(["auth", "logout"], { respond });
  expect(await readdir(folder)).toEqual([]);
});

const page = {
  items: [
    { id: "a", amount: "1.5", apy: 0.123456789, details: { note: "x" } },
    { id: "b", amount: null, apy: 2, details: {} },
  ],
  next_cursor: "more",
};

it("shows lists as tables that fit, and says what is left out", async () => {
  const respond = () => output(page);
  const wide = await run(["transactions", "list"], { respond });
  expect(wide.output).toBe(`id  amount  apy
a   1.5     0.123457
b           2
Not shown: details. --json has all.

More: --cursor more, or --all.
`);
  const narrow = await run(["transactions", "list"], { respond, columns: 12 });
  expect(narrow.output).toContain("id  amount\n");
  expect(narrow.output).toContain("Not shown: apy, details.");
});

it("lets no service steer the terminal, whatever it responds, and says the same in JSON", async () => {
  // ESC, what C1 has for it, DEL, and marks of direction.
  const steering = "\u001b[2J\u009b2J\u007f\r\u202e\u2066\u2028";
  const nested = { [steering]: steering };
  const shapes = [
    steering,
    { name: steering, deep: [nested, [steering]], ...nested },
    { items: [{ id: steering, nested }], next_cursor: steering, [steering]: { steering } },
  ];
  const steers = /[^\P{Cc}\n]|\p{Bidi_Control}|[\u2028\u2029]/u;
  for (const shape of shapes) {
    for (const words of [
      ["transactions", "list"],
      ["auth", "me"],
      ["transactions", "list", "--json"],
    ]) {
      const { output: shown } = await run(words, { respond: () => output(shape) });
      expect(shown).not.toMatch(steers);
      if (words.includes("--json")) expect(JSON.parse(shown)).toEqual(shape);
    }
  }
  const refused = failure("TRANSACTION_NOT_FOUND", 404, nested);
  refused.error.message = steering;
  for (const words of [
    ["auth", "me"],
    ["auth", "me", "--json"],
  ]) {
    const line = await run(words, { respond: () => refused });
    expect(line.complaints).toMatch(/\S/);
    expect(line.output + line.complaints).not.toMatch(steers);
  }
});

it("prints JSON for programs: a document, or with --all a line per item of all pages", async () => {
  const respond: Respond = (_path, input) =>
    output(
      (input as { cursor?: string } | undefined)?.cursor === "more" ? { ...page, next_cursor: null } : page,
    );
  const one = await run(["transactions", "list", "--json"], { respond });
  expect(JSON.parse(one.output)).toEqual(page);
  const all = await run(["--json", "transactions", "list", "--all"], { respond });
  const lines = all.output.trimEnd().split("\n");
  expect(lines.map((line) => (JSON.parse(line) as { id: string }).id)).toEqual(["a", "b", "a", "b"]);
  const table = await run(["transactions", "list", "--all"], { respond });
  expect(table.output.split("\n")).toHaveLength(7);
  expect(table.output).not.toContain("More:");
});

it.each([
  [["transactions", "get", "0x1"], failure("TRANSACTION_NOT_FOUND", 404), exitCodes.failed],
  [["transactions", "get", "0x1"], failure("UNAUTHENTICATED", 401), exitCodes.notAllowed],
  [["operations", "jobs"], failure("SCOPE_MISSING", 403, { scope: "operations:read" }), exitCodes.notAllowed],
  [["transactions", "get", "?"], invalid("tx_hash"), exitCodes.misused],
  [["transactions"], undefined, exitCodes.misused],
  [["transactions", "get"], undefined, exitCodes.misused],
  [["transactions", "sell"], undefined, exitCodes.misused],
  [["transactions", "list", "--limit", "few"], undefined, exitCodes.misused],
  [["transactions", "list", "--tx-type", "gift"], undefined, exitCodes.misused],
  [["transactions", "create", "--details", "{"], undefined, exitCodes.misused],
  [["--url", "localhost:8000", "transactions", "list"], undefined, exitCodes.misused],
  [["transactions", "list", "--url", "service"], undefined, exitCodes.misused],
  [["--colour"], undefined, exitCodes.misused],
] as const)("says in %j what is wrong, without a stack", async (words, response, code) => {
  const line = await run(words, { respond: () => response });
  expect(line.code).toBe(code);
  expect(line.output).toBe("");
  expect(line.complaints).not.toBe("");
  expect(line.complaints).not.toMatch(/\n {4}at /);
});

it("says to a program what is wrong, too", async () => {
  const { code, complaints } = await run(["transactions", "get", "?", "--json"], {
    respond: () => invalid("tx_hash"),
  });
  expect(code).toBe(exitCodes.misused);
  expect(JSON.parse(complaints)).toMatchObject({
    code: "VALIDATION_FAILED",
    status: 400,
    details: { issues: [{ path: "tx_hash" }] },
    request_id: "request-1",
  });
});

it.each([
  ['{"amount":1,"amount":2}', "--details, amount: this name is there twice"],
  ['{"legs":[{"wei":1234567890123456789}]}', "--details, legs.0.wei: write 1234567890123456789 as text"],
])("sends JSON as it is typed, or refuses it: %s", async (details, message) => {
  const words = [
    "transactions",
    "create",
    "--tx-hash",
    "0x1",
    "--tx-type",
    "deposit",
    "--amount",
    "1",
    "--details",
    details,
  ];
  const { code, calls, complaints } = await run(words);
  expect([code, calls]).toEqual([exitCodes.misused, []]);
  expect(complaints).toContain(message);
});

it("names what is refused as it is typed: as a word, an option, or a question", async () => {
  const complain = async (words: readonly string[], path: string) =>
    (await run(words, { respond: () => invalid(path) })).complaints;
  expect(await complain(["receipts", "forecast", "12"], "forecast_id")).toBe("<forecast-id>: is wrong\n");
  expect(await complain(["transactions", "list"], "tx_type")).toBe("--tx-type: is wrong\n");
  expect(await complain(["auth", "login", "--email", "a@b.c"], "password")).toBe("The password: is wrong\n");
  expect(await complain(["transactions", "list"], "details.legs.0")).toBe("--details, legs.0: is wrong\n");
  expect(await complain(["transactions", "list"], "")).toBe("The input: is wrong\n");
});

it("takes the service's own --url before the command where the command has one", async () => {
  const words = ["--url", "http://other.example", "webhooks", "create", "--url", "https://hook.example"];
  const line = await run([...words, "--topics", "forecasts"]);
  expect(line.calls).toEqual([
    { path: "webhooks.create", input: { url: "https://hook.example", topics: ["forecasts"] } },
  ]);
});

it("shows what there is, and its version", async () => {
  const help = await run(["--help"]);
  expect([help.code, help.output]).toEqual([exitCodes.done, expect.stringContaining("predictions")]);
  const command = await run(["transactions", "get", "--help"]);
  expect(command.output).toContain("<tx-hash>");
  expect(command.output).toContain("GET /api/v1/transactions/:tx_hash");
  expect((await run(["--version"])).output).toContain("1.2.3");
});

it("says in the help of a command which secrets are asked for, in their order", async () => {
  const one = await run(["auth", "confirm-totp", "--help"]);
  expect(one.output).toContain("Asked for, or read from standard input, a line each: code.");
  const either = await run(["auth", "reauthenticate", "--help"]);
  expect(either.output).toContain("password (empty for none); code (empty for none).");
});

it("shows nobody the text of a picture, and names it", () => {
  const shown = formatResult({ secret: "JBSWY3DP", qr_code_svg: "<svg></svg>" }, 80);
  expect(shown).toBe("secret  JBSWY3DP\nNot shown: qr_code_svg. --json has all.\n");
});

function invalid(path: string) {
  return failure("VALIDATION_FAILED", 400, { issues: [{ path, message: "is wrong" }] });
}
