import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { beginRequest } from "./begin-request.ts";
import { type SharedDatabase, startSharedDatabase } from "./shared-database.ts";
import { ask, type ServerProcess, signIn, spawnServer } from "./spawn-server.ts";

describe("two servers that start at once on an empty Postgres database", () => {
  let shared: SharedDatabase;
  let one: ServerProcess;
  let other: ServerProcess;

  beforeAll(async () => {
    shared = await startSharedDatabase("enough");
    const { folder, variables } = shared;
    [one, other] = await Promise.all([spawnServer(folder, variables), spawnServer(folder, variables)]);
  });
  afterAll(async () => {
    await Promise.all([one[Symbol.asyncDispose](), other[Symbol.asyncDispose]()]);
    await shared[Symbol.asyncDispose]();
  });

  it("serve the same", async () => {
    const responses = [];
    for (const url of await Promise.all([one.listening(), other.listening()])) {
      expect(await ask(url, "/ready")).toMatchObject({ status: 200 });
      // The account that one registers is there for the other.
      const get = await signIn(url);
      responses.push([await get("/auth/me"), await get("/predictions/yield-forecast")]);
    }
    expect(responses[1]).toEqual(responses[0]);
    for (const server of [one, other]) {
      expect(server.output()).toContain("Database: Postgres");
      expect(server.output()).not.toContain("obsqra:obsqra");
    }
  });

  // The last ones: they end the servers.
  it("exit with 0 after SIGTERM", async () => {
    one.kill("SIGTERM");
    expect(await one.exited()).toBe(0);
  });

  it("end at once with the second signal", async () => {
    const inFlight = await beginRequest(await other.listening());
    other.kill("SIGINT");
    await other.until(/Stopping/);
    other.kill("SIGINT");
    expect(await other.exited()).toBe(1);
    inFlight.abandon();
  });
});
