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
async function verify(...args: string[]): Promise<{ code: number; printed: string }> {
  let printed = "";
  const write = (text: string) => {
    printed += text;
  };
  const code = await runCommand(args, { fetch, readFile: (path) => readFile(path, "utf8"), write });
  return { code, printed };
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

it("verifies the whole track record with one command, and a part of it", async () => {
  const { code, printed } = await verify(server.url, "record");
  expect(printed).not.toContain("FAIL");
  for (const name of ["log", "batch", "omissions", "forecasts", "outcomes", "counted", "aggregates"]) {
    expect(printed).toMatch(new RegExp(`^ok {4}${name} `, "m"));
  }
  expect(code).toBe(0);
  const ranged = await verify(server.url, "record", "--from", "2026-01-01", "--to", "2026-01-02");
  expect(ranged).toMatchObject({ code: 0, printed: expect.stringContaining("leave the range out") });
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

it("ends with 2 when nothing could be checked, and says why", async () => {
  const missing = await verify(server.url, "forecast", server.api.deps.createId());
  expect(missing).toEqual({ code: 2, printed: expect.stringContaining("status 404") });
  for (const args of [
    [],
    ["nowhere", "forecast", "1"],
    [server.url, "suggestion", "1"],
    [server.url, "record", "1"],
    [server.url, "record", "--from", "yesterday"],
    [server.url, "--what"],
    [server.url, "forecast", "1", "--timeout", "never"],
  ]) {
    expect(await verify(...args)).toEqual({
      code: 2,
      printed: expect.stringContaining("obsqra-verify URL forecast ID"),
    });
  }
});

it("ends where a service says nothing, or goes on for ever", async () => {
  const answers: readonly ((response: ServerResponse) => void)[] = [
    () => {},
    (response) => {
      const drip = setInterval(() => response.write(" "), 20);
      response.once("close", () => clearInterval(drip));
    },
  ];
  for (const answer of answers) {
    const slow = createServer((_request, response) => answer(response));
    await new Promise<void>((resolve) => slow.listen(0, "127.0.0.1", resolve));
    const { port } = slow.address() as AddressInfo; // A TCP server that listens has a port.
    const ended = await verify(`http://127.0.0.1:${port}`, "forecast", "1", "--timeout", "0.2");
    expect(ended).toEqual({ code: 2, printed: expect.stringContaining("did not come in time") });
    slow.closeAllConnections();
    slow.close();
  }
});
