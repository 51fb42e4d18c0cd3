import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { readStream } from "../streams/read-stream.ts";
import { startSharedDatabase } from "./shared-database.ts";
import { register, type ServerProcess, spawnServer } from "./spawn-server.ts";

/** What is sent over and over until somebody responds: servers are killed here. */
async function insist<TResult>(attempt: () => Promise<TResult>): Promise<TResult> {
  while (true) {
    try {
      return await attempt();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

it("loses nothing and tells nothing twice when servers are killed under a stream and its writers", {
  timeout: 240_000,
}, async () => {
  await using shared = await startSharedDatabase("too little");
  const { folder } = shared;
  const variables = { ...shared.variables, RATE_LIMITS: "false" };
  await using lasting = await spawnServer(folder, variables);
  const lastingUrl = await lasting.listening();
  const registered = await register(lastingUrl);
  const { access_token } = (await registered.json()) as { access_token: string };
  const headers = { authorization: `Bearer ${access_token}` };

  const kills = 2;
  const perLife = 20;
  const logged: string[] = [];
  const told: string[] = [];
  let victim: ServerProcess = await spawnServer(folder, variables);
  let url = await victim.listening();
  const total = kills * perLife;

  /** Logs one after the other at whatever server is there, by a key, so that each is logged once. */
  const write = async () => {
    for (let number = 1; number <= total; number += 1) {
      const key = randomBytes(8).toString("hex");
      const body = JSON.stringify({ tx_hash: `0x${number.toString(16)}`, tx_type: "deposit", amount: "1" });
      const { id } = await insist(async () => {
        const target = number % 2 === 0 ? url : lastingUrl;
        const response = await fetch(`${target}/api/v1/transactions`, {
          method: "POST",
          headers: { "content-type": "application/json", ...headers, "idempotency-key": key },
          body,
        });
        if (response.status !== 201) throw new Error(await response.text());
        return (await response.json()) as { id: string };
      });
      logged.push(id);
    }
  };

  /** Follows at the server that is killed, and comes back with the last id wherever one is. */
  const follow = async () => {
    let lastId: string | undefined;
    while (told.length < total) {
      using reader = await insist(() =>
        readStream(`${url}/api/v1/events?topics=transactions`, {
          ...headers,
          ...(lastId === undefined ? {} : { "last-event-id": lastId }),
        }),
      );
      for (
        let event = await reader.message();
        event !== undefined && told.length < total;
        event = await reader.message()
      ) {
        lastId = reader.lastId();
        if (event.type === "transaction.logged") told.push(event.subject);
        if (event.type === "stream.opened") begin.resolve();
        if (told.length === total) break;
      }
      lastId = reader.lastId() ?? lastId;
    }
  };
  const begin = Promise.withResolvers<void>();
  const following = follow();
  await begin.promise;
  const writing = write();
  for (let life = 1; life <= kills; life += 1) {
    await expect
      .poll(() => told.length, { timeout: 60_000 })
      .toBeGreaterThanOrEqual(life * perLife - perLife / 2);
    victim.kill("SIGKILL");
    await victim.exited();
    victim = await spawnServer(folder, variables);
    url = await victim.listening();
  }
  await Promise.all([writing, following]);
  await victim[Symbol.asyncDispose]();
  expect(told).toEqual(logged);
});
