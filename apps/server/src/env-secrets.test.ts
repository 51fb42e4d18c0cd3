import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { EnvironmentError, readEnvironment } from "./env.ts";

const secret = "4f1c9d27a8b3e650f7d2c41b9e8a7365";
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "obsqra-secrets-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

it("reads any setting from the file that its name with _FILE names", () => {
  const given = {
    SECRET_KEY_FILE: file("key", `${secret}\n`),
    SMTP_PASSWORD_FILE: file("smtp", " p@ss/word \r\n"),
    SMTP_USER: "ada",
    SMTP_SERVER: "smtp.example.org",
    SMTP_FROM: "no-reply@example.org",
    API_PORT_FILE: file("port", "8080"),
  };
  expect(readEnvironment(given)).toMatchObject({
    SECRET_KEY: secret,
    SMTP_PASSWORD: " p@ss/word ",
    API_PORT: 8080,
  });
});

it.each(["p@ss/w:rd?#%[é", "plain", "100%"])("connects with the password %s", (password) => {
  const { DATABASE_URL = "", ...others } = readEnvironment({
    DATABASE_URL: "postgresql://ada@db:5432/obsqra?sslmode=require",
    DATABASE_PASSWORD_FILE: file("password", password),
  });
  const url = new URL(DATABASE_URL);
  expect(decodeURIComponent(url.password)).toBe(password);
  expect([url.username, url.host, url.pathname, url.search]).toEqual([
    "ada",
    "db:5432",
    "/obsqra",
    "?sslmode=require",
  ]);
  expect(others).not.toHaveProperty("DATABASE_PASSWORD");
});

it("names files that are not there, empty, or beside the setting itself, and never what is in them", () => {
  const read = () =>
    readEnvironment({
      SECRET_KEY_FILE: join(folder, "missing"),
      SMTP_PASSWORD_FILE: file("empty", "\n"),
      METRICS_TOKEN: "a token of sixteen or more",
      METRICS_TOKEN_FILE: file("token", secret),
    });
  expect(read).toThrow(EnvironmentError);
  expect(read).toThrow(/SECRET_KEY_FILE: the file .*missing cannot be read \(ENOENT\)/);
  expect(read).toThrow(/SMTP_PASSWORD_FILE: the file .*empty is empty/);
  expect(read).toThrow(/METRICS_TOKEN_FILE: leave it out, or METRICS_TOKEN: both are set/);
  expect(read).not.toThrow(new RegExp(secret));
});

it.each([
  ["a directory", () => folder, "is a directory, a pipe or a device, not a file"],
  ["a device without an end", () => "/dev/zero", "is a directory, a pipe or a device, not a file"],
  ["a pipe that nobody writes", makePipe, "is a directory, a pipe or a device, not a file"],
  [
    "bytes that are not UTF-8",
    () => file("latin1", Buffer.from(`${secret}é`, "latin1")),
    "is not text in UTF-8",
  ],
  ["a NUL", () => file("nul", `${secret}\0`), "is not text in UTF-8"],
  ["more than any setting has", () => file("huge", "x".repeat(64 * 1024 + 1)), "has more than 65536 bytes"],
])("refuses %s at once", (_what, make, problem) => {
  const path = make();
  expect(() => readEnvironment({ SECRET_KEY_FILE: path })).toThrow(
    `SECRET_KEY_FILE: the file ${path} ${problem}`,
  );
});

it("reads a file with a mark in front", () => {
  expect(readEnvironment({ SECRET_KEY_FILE: file("mark", `\uFEFF${secret}`) }).SECRET_KEY).toBe(secret);
});

function makePipe(): string {
  const path = join(folder, "pipe");
  execFileSync("mkfifo", [path]);
  return path;
}
