import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openDatabase } from "@obsqra/db";
import { findRelationFiles } from "@obsqra/db/testing";
import { expect, inject, it } from "vitest";
import { createTestFolder } from "../process/spawn-server.ts";
import { expectRefusal } from "./expect-refusal.ts";
import { send, startTestServer } from "./start-test-server.ts";

// It chooses its own database, so once is enough.
it.runIf(inject("databaseEngine") === "pglite")(
  "says 503 where a file of the database is damaged, and is not ready from then on",
  async () => {
    await using folder = await createTestFolder("a database");
    const open = () => openDatabase({ dataDirectory: folder.data, durability: "relaxed" });
    const before = await open();
    const file = (await findRelationFiles(before.db)).get("transactions_pkey") ?? "";
    await before.close();
    const path = join(folder.data, "pglite", file);
    await writeFile(path, Buffer.alloc(Math.max((await stat(path)).size, 8_192), 7));

    const { db, state, close } = await open();
    await using server = await startTestServer({ withForecasts: false, deps: { db }, database: { state } });
    const headers = await server.signUp("ada@example.org");
    const checks = async () => JSON.parse((await send(server.url, { path: "/ready" })).body).checks;
    expect(await checks()).toMatchObject({ database: "up" });
    const hash = `0x${"1".padStart(64, "0")}`;
    for (const [protocol, request] of [
      ["rest", { path: `/api/v1/transactions/${hash}`, headers }],
      ["trpc", { path: `/trpc/transactions.list`, headers }],
    ] as const) {
      expectRefusal(await send(server.url, request), "DATABASE_UNAVAILABLE", protocol);
    }
    expect(await checks()).toMatchObject({ database: "damaged" });
    await close();
  },
);
