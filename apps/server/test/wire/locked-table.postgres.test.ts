import { holdTransaction, runSql } from "@obsqra/db/testing";
import { expect, it } from "vitest";
import { send, startTestServer } from "./start-test-server.ts";

it.each(["events", "market_imports", "models"])(
  "leaves a server in traffic, which says what nobody knows, while %s is locked",
  async (table) => {
    await using server = await startTestServer({ withForecasts: true });
    const ask = async (path: string) => (await send(server.url, { path })).body;
    const before = JSON.parse(await ask("/ready"));
    await using held = await holdTransaction(server.api.deps.db, (trx) =>
      runSql(trx, `lock table ${table} in access exclusive mode`),
    );
    const asked = await Promise.all(Array.from({ length: 20 }, () => ask("/ready")));
    const locked = new Set(asked.map((body) => JSON.stringify(JSON.parse(body).checks)));
    expect(locked.size).toBe(1);
    const checks = JSON.parse([...locked][0] ?? "");
    expect(Object.values(checks)).toContain("unknown");
    expect(checks.database).toBe("up");
    expect((await send(server.url, { path: "/ready/traffic" })).status).toBe(200);
    await held.release();
    await expect.poll(async () => JSON.parse(await ask("/ready"))).toEqual(before);
  },
);
