import { randomUUID } from "node:crypto";
import { type Database, openDatabase } from "@obsqra/db";
import { createTestDatabase, runSql } from "@obsqra/db/testing";
import { expect, it } from "vitest";
import { password, send, sendJson, startTestServer } from "./start-test-server.ts";

const connections = 6;

/** Makes every transaction serializable, single statements included, as engines do that know nothing else. */
async function makeSerializable(db: Database): Promise<void> {
  const all = Promise.withResolvers<void>();
  let count = 0;
  const set = () =>
    db.connection().execute(async (connection) => {
      await runSql(connection, "set session characteristics as transaction isolation level serializable");
      count += 1;
      if (count === connections) all.resolve();
      // So that each is another.
      await all.promise;
    });
  await Promise.all(Array.from({ length: connections }, set));
}

it("carries out each call once, and turns away with 503 at worst, where every transaction is serializable", async () => {
  await using database = await createTestDatabase();
  const url = database.url ?? "";
  await using stack = new AsyncDisposableStack();
  const servers = [];
  for (let number = 0; number < 2; number += 1) {
    const { db, close } = await openDatabase({ url, pool: { size: connections } });
    stack.defer(close);
    await makeSerializable(db);
    servers.push(stack.use(await startTestServer({ deps: { db } })));
  }
  const [one, other] = servers;
  if (one === undefined || other === undefined) throw new Error("There are two.");
  const headers = await one.signUp("ada@example.org");
  const statuses = new Map<number, number>();
  /** Asks one server after the other until it is not turned away. */
  const insist = async (ask: (url: string) => ReturnType<typeof send>) => {
    for (let attempt = 0; ; attempt += 1) {
      const response = await ask(attempt % 2 === 0 ? one.url : other.url);
      statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
      if (response.status !== 503) return response;
      expect(response.headers.get("retry-after")).toBe("5");
    }
  };
  const count = 40;
  const calls = Array.from({ length: count }, (_, number) => {
    const key = { ...headers, "idempotency-key": randomUUID() };
    const json = { tx_hash: `0x${(number + 1).toString(16)}`, tx_type: "deposit", amount: "1" };
    const create = (url: string) => sendJson(url, { path: "/api/v1/transactions", headers: key, json });
    const login = { email: "ada@example.org", password };
    return [
      // The same at both: it is done once.
      insist(create),
      insist((url) => create(url === one.url ? other.url : one.url)),
      insist((url) => send(url, { path: "/api/v1/transactions", headers })),
      insist((url) => send(url, { path: "/api/v1/analytics/dashboard", headers })),
      ...(number % 20 === 0
        ? [insist((url) => sendJson(url, { path: "/api/v1/auth/login", json: login }))]
        : []),
    ];
  });
  await Promise.all(calls.flat());
  expect([...statuses.keys()].filter((status) => ![200, 201, 503].includes(status))).toEqual([]);
  const listed = await send(one.url, { path: "/api/v1/transactions?limit=100", headers });
  const { items } = JSON.parse(listed.body) as { items: { tx_hash: string }[] };
  expect(items).toHaveLength(Math.min(100, count));
  expect(new Set(items.map(({ tx_hash }) => tx_hash)).size).toBe(items.length);
});
