import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type * as today from "@obsqra/client";
import { createClient } from "@obsqra/client";
import { expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { password, send, startTestServer } from "./start-test-server.ts";

const require = createRequire(import.meta.url);
const released = join(import.meta.dirname, "../../../../packages/client/released");
const releases = readdirSync(released).filter((name) => name.endsWith(".js"));

it("tells anybody its version and that of its contract, the same on REST and tRPC", async () => {
  await using server = await startTestServer();
  const { status, body, headers } = await send(server.url, { path: "/api/v1/version" });
  expect(status).toBe(200);
  expect(JSON.parse(body)).toEqual({
    version: manifest.version,
    api: "v1",
    contract_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect(await createClient({ url: server.url }).service.version.query()).toEqual(JSON.parse(body));
  const etag = headers.get("etag") ?? "";
  const again = await send(server.url, { path: "/api/v1/version", headers: { "if-none-match": etag } });
  expect([again.status, again.body]).toEqual([304, ""]);
});

it.each(releases)("serves the released client %s, whoever has installed it", async (release) => {
  await using server = await startTestServer();
  // What was called so then is called so today, or this fails.
  const client = require(join(released, release)) as typeof today;
  const tokens = client.createMemoryTokenStorage();
  const obsqra = client.createClient({ url: server.url, tokens });
  const email = "ada@example.org";
  await obsqra.auth.register.mutate({ email, password, full_name: "Ada" });
  const [me, dashboard] = await Promise.all([obsqra.auth.me.query(), obsqra.analytics.dashboard.query()]);
  expect([me.email, dashboard.protocols]).toEqual([email, expect.any(Array)]);

  const create = (number: number) =>
    obsqra.transactions.create.mutate({ tx_hash: `0x${number}`, tx_type: "deposit", amount: "1" });
  for (const number of [1, 2, 3]) await create(number);
  const again = await create(1).catch((error: unknown) => error);
  expect(client.isObsqraError(again, "TRANSACTION_ALREADY_LOGGED") && again.details.tx_hash).toMatch(/1$/);
  const hashes: string[] = [];
  const list = client.paginate(obsqra.transactions.list, { limit: 2, sort: "oldest" });
  for await (const { tx_hash } of list) hashes.push(tx_hash.slice(-1));
  expect(hashes).toEqual(["1", "2", "3"]);

  const stop = new AbortController();
  for await (const event of client.follow(obsqra.events.follow, {}, { signal: stop.signal })) {
    expect(event.type).toBe("stream.opened");
    break;
  }
  // The access token expires, and the client goes on.
  server.api.clock.advance(31 * 60_000);
  const before = tokens.read();
  expect((await obsqra.auth.me.query()).email).toBe(email);
  expect(tokens.read()?.refresh_token).not.toBe(before?.refresh_token);
  await obsqra.auth.logout.mutate();
  await expect(obsqra.auth.me.query()).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
});
