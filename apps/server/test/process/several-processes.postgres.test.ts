import { once } from "node:events";
import { request } from "node:http";
import { openDatabase } from "@obsqra/db";
import { afterAll, beforeAll, describe, expect, inject, it, vi } from "vitest";
import { findFreePort } from "../find-free-port.ts";
import { readSamples } from "../metrics/read-samples.ts";
import { beginRequest } from "./begin-request.ts";
import { type SharedDatabase, startSharedDatabase } from "./shared-database.ts";
import { createTestFolder, register, type ServerProcess, spawnServer } from "./spawn-server.ts";

const parameters = ["--workers", "2"];
const metricsToken = "a token of sixteen or more";

describe("a server of two processes", () => {
  let shared: SharedDatabase;
  let server: ServerProcess;
  let url: string;
  let metricsPort: number;

  beforeAll(async () => {
    shared = await startSharedDatabase("enough");
    metricsPort = await findFreePort();
    const variables = {
      ...shared.variables,
      REGISTRATIONS_PER_IP: "3",
      METRICS_PORT: String(metricsPort),
      METRICS_TOKEN: metricsToken,
    };
    server = await spawnServer(shared.folder, variables, { parameters });
    url = await server.listening();
    await server.until(/^Serving with 2 processes\.$/m);
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await shared[Symbol.asyncDispose]();
  });

  /** The processes that have logged a request since the output had so many characters. */
  const servingSince = (length: number) => {
    const lines = server.output().slice(length).split("\n");
    const logged = lines.filter((line) => line.includes('"/openapi.json"'));
    return new Set(logged.map((line) => (JSON.parse(line) as { pid: number }).pid));
  };
  /** Asks until both have responded. */
  const untilBothServe = async () => {
    const { length } = server.output();
    await vi.waitUntil(
      async () => {
        expect(await askByItself(`${url}/openapi.json`)).toBe(200);
        return servingSince(length).size === 2;
      },
      { timeout: 120_000, interval: 50 },
    );
    return servingSince(length);
  };

  it("serves with both, and says and does once what is done once", async () => {
    await untilBothServe();
    expect(await askByItself(`${url}/ready`)).toBe(200);
    for (const once of ["Database: Postgres", "Press Ctrl-C to stop."]) {
      expect(server.output().split(once)).toHaveLength(2);
    }
    const { db, close } = await openDatabase({ url: shared.postgres.url("postgres") });
    expect(await db.selectFrom("market_imports").select("id").execute()).toHaveLength(1);
    await close();
  });

  it("shows the metrics of both together, on a port of their own and beside the API", async () => {
    const samples = async (address: string) => {
      const response = await fetch(`${address}/metrics`, {
        headers: { authorization: `Bearer ${metricsToken}` },
      });
      expect(response.status).toBe(200);
      return readSamples(await response.text());
    };
    await untilBothServe();
    for (let asked = 0; asked < 4; asked += 1) expect(await askByItself(`${url}/api/v1/auth/me`)).toBe(401);
    const own = `http://127.0.0.1:${metricsPort}`;
    for (const address of [own, url]) {
      const all = await samples(address);
      expect(all.get('obsqra_procedure_calls_total{procedure="auth.me",outcome="refused"}')).toBe(4);
      expect(all.get('obsqra_http_responses_total{status="401"}')).toBe(4);
      expect(all.get("obsqra_ready")).toBe(1);
      // Each has a pool of its own.
      expect(all.get('obsqra_database_connections{state="open"}')).toBeGreaterThanOrEqual(2);
    }
    expect((await fetch(`${own}/metrics`)).status).toBe(401);
  });

  it("counts calls for both together", async () => {
    const statuses = [];
    for (let number = 0; number < 6; number += 1)
      statuses.push((await register(url, `user-${number}`)).status);
    expect(statuses.filter((status) => status === 201).length).toBeLessThanOrEqual(3);
    expect(statuses).toContain(429);
    const metrics = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${metricsToken}` } });
    const all = readSamples(await metrics.text());
    expect(all.get('obsqra_procedure_statements_total{procedure="auth.register"}')).toBeGreaterThan(0);
  });

  it("replaces one that was killed, and goes on serving meanwhile", async () => {
    for (let killed = 0; killed < (inject("isLong") ? 2 : 1); killed += 1) {
      const [victim] = await untilBothServe();
      if (victim === undefined) throw new Error("Nobody has served.");
      process.kill(victim, "SIGKILL");
      await server.until(new RegExp(`^Process ${victim} ended \\(SIGKILL\\): starting another\\.$`, "m"));
      expect(await untilBothServe()).not.toContain(victim);
    }
  });

  // The last one: it ends the server.
  it("finishes what is in flight after SIGTERM, ends with 0, and leaves no process behind", async () => {
    const serving = await untilBothServe();
    const inFlight = await beginRequest(url);
    server.kill("SIGTERM");
    await server.until(/Stopping: finishing the requests in flight\./);
    expect(await inFlight.finish()).toBeLessThan(500);
    expect(await server.exited()).toBe(0);
    for (const pid of serving) expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  });
});

describe("several processes", { concurrent: true }, () => {
  const database = { DATABASE_URL: "postgresql://ada:hunter2@127.0.0.1:1/obsqra" };
  const refusals: readonly [string, Record<string, string>, readonly string[], number, string][] = [
    ["the embedded database", {}, parameters, 1, "DATABASE_URL: set it for --workers"],
    [
      "limits in memory",
      { ...database, RATE_LIMIT_STORE: "memory" },
      parameters,
      1,
      "RATE_LIMIT_STORE: use postgres",
    ],
    [
      "a number that is none",
      database,
      ["--workers", "two"],
      2,
      "--workers takes a whole number from 1 to 64",
    ],
    ["a database that is away", database, parameters, 1, "The database at DATABASE_URL cannot be reached."],
  ];
  it.each(inject("isLong") ? refusals : refusals.slice(0, 1))(
    "refuse %s",
    async (_what, variables, parameters, code, message) => {
      await using folder = await createTestFolder();
      await using server = await spawnServer(
        folder,
        { ...variables, MARKET_SOURCE: "simulated" },
        { parameters },
      );
      expect(await server.exited()).toBe(code);
      expect(server.output()).toContain(message);
      expect(server.output()).not.toContain("hunter2");
    },
  );
});

/** On a connection of its own, so that it is anybody's turn to respond. */
async function askByItself(url: string): Promise<number | undefined> {
  const sent = request(url, { agent: false }).end();
  const [response] = await once(sent, "response");
  response.resume();
  await once(response, "end");
  return response.statusCode;
}
