import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../../..");

/** A project that has nothing but what npm installs with the packed command. */
let project: string;

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "obsqra-packed-cli-"));
  for (const name of ["@obsqra/json", "@obsqra/client", "@obsqra/cli"]) {
    await run("npx", ["pnpm", "--filter", name, "pack", "--pack-destination", project], { cwd: root });
  }
  const archives = (await readdir(project)).filter((name) => name.endsWith(".tgz"));
  await writeFile(join(project, "package.json"), JSON.stringify({ name: "project" }));
  const install = ["install", "--no-audit", "--no-fund", ...archives.map((archive) => `./${archive}`)];
  await run("npm", install, { cwd: project });
});
afterAll(() => rm(project, { recursive: true, force: true }));

/** A service that signs in whoever asks, and says which token came along. */
async function openService() {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "", "http://service").pathname;
    const tokens = { access_token: "access-1", refresh_token: "refresh-1", token_type: "bearer" };
    const data =
      path === "/trpc/auth.login" ? tokens : { authorization: request.headers.authorization ?? null };
    const isBatch = request.url?.includes("batch=1") === true;
    const result = { result: { data } };
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(isBatch ? [result] : result));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function obsqra(words: readonly string[], variables: Record<string, string> = {}, typed = "") {
  const child = start(join(project, "node_modules/.bin/obsqra"), words, variables);
  child.stdin.end(typed);
  return resultOf(child);
}

function start(command: string, words: readonly string[], variables: Record<string, string>) {
  return spawn(command, words, {
    env: { PATH: `${join(process.execPath, "..")}:/usr/bin:/bin`, HOME: project, ...variables },
  });
}

async function resultOf(child: ReturnType<typeof start>) {
  const written = { output: "", complaints: "" };
  child.stdout.on("data", (chunk) => {
    written.output += chunk;
  });
  child.stderr.on("data", (chunk) => {
    written.complaints += chunk;
  });
  const [code] = await once(child, "close");
  return { code, ...written };
}

it("installs one command, which says what it has", async () => {
  const installed = join(project, "node_modules/@obsqra/cli");
  expect((await readdir(installed)).sort()).toEqual([
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "dist",
    "package.json",
  ]);
  expect(await obsqra(["--help"])).toMatchObject({ code: 0, output: expect.stringContaining("predictions") });
  expect(await obsqra(["sell"])).toMatchObject({ code: 2, output: "" });
});

it("signs in with a password from standard input, and is signed in the next time", async () => {
  await using service = await openService();
  const variables = { OBSQRA_URL: service.url };
  const login = await obsqra(["auth", "login", "--email", "ada@example.org"], variables, "a secret\n");
  expect(login).toMatchObject({ code: 0, complaints: "" });
  expect(login.output).not.toContain("access-1");
  const sessions = join(project, ".config/obsqra/sessions");
  const [file = ""] = await readdir(sessions);
  expect((await stat(join(sessions, file))).mode & 0o777).toBe(0o600);
  const me = await obsqra(["auth", "me", "--json"], variables);
  expect([me.code, JSON.parse(me.output)]).toEqual([0, { authorization: "Bearer access-1" }]);
});

it("reads a password from a file, and from a pipe that stays open", async () => {
  await using service = await openService();
  const variables = { OBSQRA_URL: service.url };
  const login = `${join(project, "node_modules/.bin/obsqra")} auth login --email ada@example.org`;
  await writeFile(join(project, "password"), "a secret\n");
  const fromFile = start("sh", ["-c", `${login} < ${join(project, "password")}`], variables);
  expect(await resultOf(fromFile)).toMatchObject({ code: 0, complaints: "" });
  const fromPipe = start("sh", ["-c", `exec ${login}`], variables);
  fromPipe.stdin.write("a secret\n");
  expect(await resultOf(fromPipe)).toMatchObject({ code: 0, complaints: "" });
  const fromNothing = start("sh", ["-c", `${login} < /dev/null`], variables);
  expect(await resultOf(fromNothing)).toMatchObject({
    code: 2,
    complaints: "Standard input ends before the password.\n",
  });
});

it("ends with 4 when nothing listens there", async () => {
  expect(await obsqra(["--url", "http://127.0.0.1:1", "service", "version"])).toMatchObject({
    code: 4,
    complaints: expect.stringMatching(/^The Obsqra API cannot be reached.*\(CONNECTION_FAILED\)\n$/),
  });
});

it("completes commands, options and their values", async () => {
  const complete = async (...words: string[]) => (await obsqra(["complete", "--", ...words])).output;
  expect(await complete("transactions", "")).toMatch(/^create\t/m);
  expect(await complete("transactions", "create", "--tx")).toMatch(/^--tx-hash\t/m);
  expect(await complete("transactions", "create", "--tx-type", "")).toMatch(/^deposit\b/m);
  const { output } = await obsqra(["complete", "bash"]);
  await writeFile(join(project, "completion.bash"), output);
  await run("bash", ["-n", join(project, "completion.bash")]);
});
