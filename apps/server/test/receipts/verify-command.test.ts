import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withoutRules } from "@obsqra/db/testing";
import { writeWholeLog } from "@obsqra/features/testing";
import { runCommand } from "@obsqra/verify/command";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestServer, type TestServer } from "../wire/start-test-server.ts";

let server: TestServer;
let folder: string;

beforeAll(async () => {
  server = await startTestServer({ withForecasts: true });
  await writeWholeLog(server.api);
  folder = await mkdtemp(join(tmpdir(), "obsqra-verify-"));
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** Runs the command against the server. */
async function verify(...args: string[]): Promise<{ code: number; printed: string; complained: string }> {
  let [printed, complained] = ["", ""];
  const code = await runCommand(args, {
    fetch,
    readFile: (path) => readFile(path, "utf8"),
    write: (text) => {
      printed += text;
    },
    complain: (text) => {
      complained += text;
    },
  });
  return { code, printed, complained };
}

async function readForecast() {
  const headers = await server.signUp(`${server.api.deps.createId()}@example.org`);
  const url = `${server.url}/api/v1/predictions/yield-forecast?granularity=market`;
  const { items } = (await (await fetch(url, { headers })).json()) as {
    items: { id: string; apy: number }[];
  };
  const [item] = items;
  if (item === undefined) throw new Error("There is no forecast.");
  return item;
}

it("verifies a served forecast with one command, without an account, against what was answered and kept", async () => {
  const item = await readForecast();
  const [answer, checkpoint] = [join(folder, "answer.json"), join(folder, "checkpoint")];
  await writeFile(answer, JSON.stringify(item));
  await writeFile(checkpoint, await (await fetch(`${server.url}/log/checkpoint`)).text());
  const { code, printed } = await verify(
    server.url,
    "forecast",
    item.id,
    "--answer",
    answer,
    "--checkpoint",
    checkpoint,
  );
  expect(printed).toContain(
    "Everything that was checked holds. When it was committed is the service's own word",
  );
  expect(printed).not.toContain("FAIL");
  const names = ["answer", "inclusion", "keys", "signature", "batch", "order", "history"];
  for (const name of [...names, "model", "data", "re_execution", "calibration"]) {
    expect(printed).toMatch(new RegExp(`^ok {4}${name} `, "m"));
  }
  expect(code).toBe(0);
});

it("lets nothing that it was given write over what it says", async () => {
  const item = await readForecast();
  const answer = join(folder, "steering.json");
  const forged = "\u001b[2J\u009b2J\r\nok    answer  all holds\u202e\u2028";
  await writeFile(answer, JSON.stringify({ ...item, [forged]: 1, apy: forged }));
  const { code, printed } = await verify(server.url, "forecast", item.id, "--quick", "--answer", answer);
  expect(code).toBe(1);
  expect(printed).toMatch(/^FAIL {2}answer /m);
  expect(printed).not.toMatch(/^ok {4}answer /m);
  expect(printed).not.toMatch(/[^\P{Cc}\n]|\p{Bidi_Control}|[\u2028\u2029]/u);
  const json = await verify(server.url, "forecast", item.id, "--quick", "--answer", answer, "--json");
  expect(json.printed).not.toMatch(/[^\P{Cc}\n]|\p{Bidi_Control}/u);
  expect(JSON.parse(json.printed)).toMatchObject({ verdict: "failed" });
});

it("makes every forecast of a protocol again to the last bit, what it earns and risks now included", async () => {
  for (const kind of ["risk", "yield"]) {
    const { items } = (await (await fetch(`${server.url}/api/v1/predictions/${kind}-forecast`)).json()) as {
      items: { id: string; stale: boolean; protocol: string }[];
    };
    const current = items.filter(({ stale }) => !stale);
    expect(current.length).toBeGreaterThan(1);
    for (const { id, protocol } of current) {
      const { code, printed } = await verify(server.url, "forecast", id);
      expect(printed.match(/^FAIL.*$/m)?.[0], `${kind} of ${protocol}`).toBeUndefined();
      expect(printed).toMatch(/^ok {4}re_execution /m);
      expect(code).toBe(0);
    }
  }
});

it("verifies the whole track record with one command, and a part of it", async () => {
  const { code, printed } = await verify(server.url, "record");
  expect(printed).not.toContain("FAIL");
  for (const name of ["log", "batch", "omissions", "forecasts", "counted", "aggregates"]) {
    expect(printed).toMatch(new RegExp(`^ok {4}${name} `, "m"));
  }
  expect(printed).toContain("No outcome is known yet.");
  expect(code).toBe(0);
  const ranged = await verify(server.url, "record", "--from", "2026-01-01", "--to", "2026-02-01");
  expect(ranged).toMatchObject({ code: 0, printed: expect.stringContaining("leave the range out") });
  const empty = await verify(server.url, "record", "--from", "2026-01-01", "--to", "2026-01-02");
  expect(empty.code).toBe(2);
  for (const name of ["omissions", "forecasts", "outcomes", "counted"]) {
    expect(empty.printed).toMatch(new RegExp(`^- {5}${name} `, "m"));
  }
});

it("publishes what forecasts were made from to every page, by its hash and for good", async () => {
  const { db } = server.api.deps;
  const run = await db.selectFrom("forecast_runs").select("snapshot_sha256").executeTakeFirstOrThrow();
  const model = await db.selectFrom("models").select("artefact_sha256").executeTakeFirstOrThrow();
  const read = (sha256: string, encoding: string) =>
    fetch(`${server.url}/artefacts/${sha256}`, { headers: { "accept-encoding": encoding } });
  for (const sha256 of [run.snapshot_sha256 ?? "", model.artefact_sha256]) {
    for (const encoding of ["gzip", "identity", "gzip;q=0"]) {
      const response = await read(sha256, encoding);
      expect(
        createHash("sha256")
          .update(await response.bytes())
          .digest("hex"),
      ).toBe(sha256);
      expect(Object.fromEntries(response.headers)).toMatchObject({
        "cache-control": "public, max-age=31536000, immutable",
        "access-control-allow-origin": "*",
        "cross-origin-resource-policy": "cross-origin",
      });
    }
  }
  expect((await read(run.snapshot_sha256 ?? "", "gzip, br")).headers.get("content-encoding")).toBe("gzip");
  expect((await read(run.snapshot_sha256 ?? "", "gzip;q=0")).headers.get("content-encoding")).toBeNull();
  for (const sha256 of ["0".repeat(64), "x", model.artefact_sha256.toUpperCase()]) {
    expect((await read(sha256, "gzip")).status).toBe(404);
  }
});

it("ends with 1 and names what was changed, when the stored forecast is not the committed one", async () => {
  const { id } = await readForecast();
  const { db } = server.api.deps;
  await withoutRules(db, async (trx) => {
    await trx.updateTable("predictions").set({ confidence: 0.99 }).where("id", "=", id).execute();
  });
  const { code, printed } = await verify(server.url, "forecast", id, "--json", "--quick");
  expect(JSON.parse(printed)).toMatchObject({ verdict: "failed" });
  expect(printed).toContain("The forecast was changed after it was committed: confidence was");
  expect(code).toBe(1);
});

it("ends with 2 and says what is wrong with the command line, on standard error", async () => {
  const id = server.api.deps.createId();
  const keys = await (await fetch(`${server.url}/log/keys`)).text();
  const [{ verifier_key: realKey }] = JSON.parse(keys);
  const wrong: readonly (readonly [readonly string[], string])[] = [
    [[], "URL is missing"],
    [["nowhere", "record"], "nowhere is no URL"],
    [["file:///etc", "record"], "file:///etc is no URL"],
    [[server.url], "forecast ID, suggestion FILE, chains FILE, or record"],
    [[server.url, "portfolio", id], "portfolio is no command"],
    [[server.url, "suggestion"], "FILE is missing"],
    [[server.url, "suggestion", join(folder, "none")], "cannot be read: ENOENT"],
    [[server.url, "forecast"], "ID is missing"],
    [[server.url, "forecast", "1"], "1 is no id of a forecast"],
    [[server.url, "forecast", id, "2"], "2 is one argument too many"],
    [[server.url, "record", "1"], "1 is one argument too many"],
    [[server.url, "forecast", id, "--from", "2026-01-01"], "--from and --to are for record only"],
    [[server.url, "record", "--quick"], "--quick is for a forecast only"],
    [[server.url, "record", "--from", "yesterday"], "--from yesterday is no day"],
    [[server.url, "record", "--to", "2026-02-30"], "--to 2026-02-30 is no day"],
    [[server.url, "record", "--from", "2026-02-01", "--to", "2026-01-01"], "is not before"],
    [[server.url, "record", "--what"], "Unknown option '--what'."],
    [[server.url, "record", "--key"], "argument missing"],
    [[server.url, "record", "--key", "abc"], "--key abc is no key"],
    [[server.url, "record", "--witness", `${realKey}x`], "is no key, such as"],
    [[server.url, "record", "--witness", realKey], "is the key of a log, not of a witness"],
    [[server.url, "forecast", id, "--timeout", "never"], "--timeout never is no number"],
    [[server.url, "forecast", id, "--answer", join(folder, "none")], "cannot be read: ENOENT"],
  ];
  for (const [args, says] of wrong) {
    const { code, printed, complained } = await verify(...args);
    expect([code, printed], says).toEqual([2, ""]);
    expect(complained).toContain(says);
    expect(complained).toContain("obsqra-verify --help says more.");
  }
});

it("says how it is used where that is asked for, and that is no failure", async () => {
  for (const args of [["--help"], ["-h"], [server.url, "record", "--help"]]) {
    const help = expect.stringContaining("obsqra-verify URL forecast ID");
    expect(await verify(...args)).toEqual({ code: 0, printed: help, complained: "" });
  }
});

it("ends with 2 when nothing could be checked, and says why, without accusing anybody", async () => {
  const id = server.api.deps.createId();
  const missing = await verify(server.url, "forecast", id);
  expect(missing).toEqual({
    code: 2,
    printed: "",
    complained: expect.stringContaining(`There is no such forecast as ${id}`),
  });
  const answers = { 404: "status 404", 503: "status 503" };
  for (const [status, says] of Object.entries(answers)) {
    await using other = await listen((response) => response.writeHead(Number(status)).end());
    const record = await verify(other.url, "record");
    expect(record.code).toBe(2);
    expect(record.printed).toContain(
      `??    log           Could not read ${other.url}/log/checkpoint: ${says}.`,
    );
    expect((await verify(other.url, "forecast", id)).complained).toContain(says);
  }
  const closed = await listen(() => {});
  await closed[Symbol.asyncDispose]();
  const refused = await verify(closed.url, "record", "--json");
  expect(refused.code).toBe(2);
  expect(JSON.parse(refused.printed)).toMatchObject({
    verdict: "not_checked",
    checks: [
      { name: "log", state: "unreadable", says: expect.stringMatching(/^Could not read .*ECONNREFUSED/) },
    ],
  });
});

/** A server of the test's own. */
async function listen(answer: (response: ServerResponse) => void) {
  const listening = createServer((_request, response) => answer(response));
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  const { port } = listening.address() as AddressInfo; // A TCP server that listens has a port.
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      listening.closeAllConnections();
      await new Promise((resolve) => listening.close(resolve));
    },
  };
}

it("ends where a service says nothing, or goes on for ever", async () => {
  const answers: readonly ((response: ServerResponse) => void)[] = [
    () => {},
    (response) => {
      const drip = setInterval(() => response.write(" "), 20);
      response.once("close", () => clearInterval(drip));
    },
  ];
  for (const answer of answers) {
    await using slow = await listen(answer);
    const ended = await verify(slow.url, "forecast", server.api.deps.createId(), "--timeout", "0.2");
    expect(ended).toMatchObject({ code: 2, complained: expect.stringContaining("did not come in time") });
  }
});
