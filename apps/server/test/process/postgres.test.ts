import { startPostgres } from "@obsqra/db/testing";
import { describe, expect, inject, it } from "vitest";
import { ask, createTestFolder, signIn, spawnServer } from "./spawn-server.ts";

describe.runIf(inject("databaseEngine") === "pglite")("on a Postgres server", () => {
  it("lets two start at once, on an empty database, and serve the same", async () => {
    await using folder = await createTestFolder();
    await using otherFolder = await createTestFolder();
    await using postgres = await startPostgres();
    const variables = {
      ...(await folder.market("enough")),
      DATABASE_URL: postgres.url("postgres"),
      SECRET_KEY: "4f1c9d27a8b3e650f7d2c41b9e8a7365",
    };
    await using one = await spawnServer(folder, variables);
    await using other = await spawnServer(otherFolder, variables);
    const urls = await Promise.all([one.listening(), other.listening()]);
    expect(one.output()).toContain("Database: Postgres");

    const responses = [];
    for (const url of urls) {
      expect(await ask(url, "/ready")).toMatchObject({ status: 200 });
      // The account that one registers is there for the other.
      const get = await signIn(url);
      responses.push([await get("/auth/me"), await get("/predictions/yield-forecast")]);
    }
    expect(responses[1]).toEqual(responses[0]);
    for (const server of [one, other]) {
      server.kill("SIGTERM");
      expect(await server.exited()).toBe(0);
      expect(server.output()).not.toContain("obsqra:obsqra");
    }
  });
});
