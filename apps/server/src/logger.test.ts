import { spawn } from "node:child_process";
import { openSync } from "node:fs";
import { text } from "node:stream/consumers";
import { expect, it } from "vitest";
import { password, send, sendJson, startTestServer } from "../test/wire/start-test-server.ts";
import { createLogger } from "./logger.ts";

const secret = "hunter2-planted-secret";

function logged(facts: object): string {
  const lines: string[] = [];
  createLogger({ DEBUG: true, ENVIRONMENT: "test" }, { write: (line) => void lines.push(line) }).debug(
    facts,
    "message",
  );
  return lines.join("");
}

it.each([
  "authorization",
  "cookie",
  "password",
  "new_password",
  "current_password",
  "token",
  "access_token",
  "refresh_token",
  "api_key",
  "key",
  "secret",
  "signature",
])("never writes what is called %s, wherever it stands", (name) => {
  const field = { [name]: secret };
  for (const facts of [field, { body: field }, { request: { headers: field } }, { a: { b: { c: field } } }]) {
    const line = logged(facts);
    expect(line).toContain("[redacted]");
    expect(line).not.toContain(secret);
  }
});

it("writes an error's message, stack and causes, and nothing else that hangs on it", () => {
  const cause = Object.assign(new Error("inner"), { code: "XX000", params: [secret], detail: secret });
  const line = logged({ err: new TypeError("outer", { cause }) });
  expect(JSON.parse(line).err).toEqual({
    type: "TypeError",
    message: "outer",
    stack: expect.stringContaining("logger.test.ts"),
    cause: { type: "Error", code: "XX000", message: "inner", stack: expect.any(String) },
  });
});

it("writes the same of an object in place of an error", () => {
  const { message, stack } = new Error("the queue");
  const line = logged({ err: { message, stack, code: "57P01", queue: "market.refresh", params: [secret] } });
  expect(JSON.parse(line).err).toEqual({ code: "57P01", message, stack });
  expect(JSON.parse(logged({ err: "thrown" })).err).toEqual({ message: "thrown" });
});

it("keeps passwords, tokens and their hashes out of the log of a whole session that goes wrong", async () => {
  await using server = await startTestServer({ debug: true });
  const headers = await server.signUp("ada@example.org");
  const tokens = JSON.parse(
    (await sendJson(server.url, { path: "/api/v1/auth/login", json: { email: "ada@example.org", password } }))
      .body,
  ) as { access_token: string; refresh_token: string };
  await sendJson(server.url, {
    path: "/trpc/auth.login",
    json: { email: "ada@example.org", password: secret },
  });
  await sendJson(server.url, { path: "/api/v1/auth/refresh", json: { refresh_token: secret } });
  await send(server.url, { path: "/api/v1/auth/me", headers: { authorization: `Bearer ${secret}` } });
  const { db } = server.api.deps;
  const rows = await db.selectFrom("user_passwords").select("hash").execute();

  await db.schema.alterTable("auth_refresh_tokens").renameTo("gone").execute();
  const json = { email: "eve@example.org", password: secret, full_name: "Eve" };
  const failed = await sendJson(server.url, { path: "/api/v1/auth/register", json });
  expect(failed.status).toBe(500);

  const log = server.logLines.join("");
  expect(log).toContain('"level":50');
  const planted = [secret, password, tokens.access_token, tokens.refresh_token, headers.authorization];
  for (const text of [...planted, ...rows.map(({ hash }) => hash), "$argon2", "\\\\x"]) {
    expect(log).not.toContain(text);
  }
});

it("writes the path of a request, without its query", async () => {
  await using server = await startTestServer({ debug: true });
  await send(server.url, { path: `/trpc/auth.me?input=${secret}` });
  const log = server.logLines.join("");
  expect(log).toContain("/trpc/auth.me");
  expect(log).not.toContain(secret);
});

it.each([
  ["exits", "process.exit(3)", 3],
  ["waits for the log and exits", "await flushLog(log); process.exit(3)", 3],
  ["fails in a way that nobody has expected", "throw new Error('nobody expects this')", 1],
  [
    "is asked to stop",
    "process.once('SIGTERM', () => process.exit(3)); process.kill(process.pid); await new Promise((resolve) => setInterval(resolve, 1e6))",
    3,
  ],
  ["has nothing left to do", "", 0],
])("has every line written, in order, when the process %s", async (_how, ending, code) => {
  const script = `
    const { createLogger, flushLog } = await import(${JSON.stringify(new URL("logger.ts", import.meta.url))});
    const log = createLogger({ DEBUG: true, ENVIRONMENT: "production" });
    for (let number = 0; number < 2000; number += 1) log.info({ number }, "line");
    ${ending}`;
  const parameters = ["--input-type=module", "--eval", script];
  const child = spawn(process.execPath, parameters, { stdio: ["ignore", "pipe", "ignore"] });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const numbers = (await text(child.stdout))
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as { number: number }).number);
  expect(numbers).toEqual(Array.from({ length: 2000 }, (_, number) => number));
  expect(await ended).toBe(code);
});

it.skipIf(process.platform !== "linux")("goes on, and ends, where its output has no room", async () => {
  const script = `
    const { createLogger, flushLog } = await import(${JSON.stringify(new URL("logger.ts", import.meta.url))});
    const log = createLogger({ DEBUG: true, ENVIRONMENT: "production" });
    for (let number = 0; number < 2000; number += 1) log.info({ number }, "line");
    process.stderr.write("went on");`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script], {
    stdio: ["ignore", openSync("/dev/full", "w"), "pipe"],
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  if (child.stderr === null) throw new Error("The process was started without its errors.");
  expect(await text(child.stderr)).toBe("went on");
  expect(await ended).toBe(0);
});
