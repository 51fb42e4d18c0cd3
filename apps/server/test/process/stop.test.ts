import { once } from "node:events";
import { request } from "node:http";
import { describe, expect, inject, it } from "vitest";
import { createTestFolder, spawnServer } from "./spawn-server.ts";

/** Sends the head of a request and waits until the server has asked for the body, so that it surely is in flight. */
async function beginRequest(url: string) {
  const body = JSON.stringify({
    email: "ada@example.org",
    password: "correct horse battery",
    full_name: "Ada",
  });
  const sent = request(`${url}/api/v1/auth/register`, {
    method: "POST",
    headers: { "content-type": "application/json", "content-length": body.length, expect: "100-continue" },
  });
  // A connection that breaks is what some of these tests are about.
  sent.on("error", () => {});
  sent.flushHeaders();
  await once(sent, "continue");
  return {
    abandon: () => sent.destroy(),
    finish: async (): Promise<number | undefined> => {
      sent.end(body);
      const [response] = await once(sent, "response");
      response.resume();
      await once(response, "end");
      return response.statusCode;
    },
  };
}

describe.runIf(inject("databaseEngine") === "pglite")("stopping", () => {
  it.each(["SIGINT", "SIGTERM"] as const)(
    "finishes the request in flight after %s, and exits 0",
    async (signal) => {
      await using folder = await createTestFolder("a database");
      await using server = await spawnServer(folder, await folder.market("too little"));
      const url = await server.listening();
      // fetch keeps its connection open for more, which must not hold the server up.
      expect((await fetch(`${url}/health`)).status).toBe(200);
      const inFlight = await beginRequest(url);
      server.kill(signal);
      await server.until(/Stopping: finishing the requests in flight\./);
      await expect(fetch(`${url}/health`)).rejects.toThrow();
      expect(await inFlight.finish()).toBe(201);
      expect(await server.exited()).toBe(0);
    },
  );

  it("ends at once with the second signal", async () => {
    await using folder = await createTestFolder("a database");
    await using server = await spawnServer(folder, await folder.market("too little"));
    const inFlight = await beginRequest(await server.listening());
    server.kill("SIGINT");
    await server.until(/Stopping/);
    server.kill("SIGINT");
    expect(await server.exited()).toBe(1);
    inFlight.abandon();
  });
});
