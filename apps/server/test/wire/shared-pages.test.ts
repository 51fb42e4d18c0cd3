import { createSharedResponses } from "@obsqra/platform";
import { expect, it } from "vitest";
import { startTestServer } from "./start-test-server.ts";

it("makes a public page once for all who ask at once or later, the same over REST and tRPC, until the data changes", async () => {
  await using server = await startTestServer({
    withForecasts: true,
    sharedResponses: createSharedResponses(),
  });
  const { db } = server.api.deps;
  const rest = (headers = {}) =>
    fetch(`${server.url}/api/v1/analytics/markets?limit=1000`, {
      headers: { accept: "application/json", ...headers },
    });
  const input = encodeURIComponent(JSON.stringify({ limit: 1000 }));
  const trpc = () => fetch(`${server.url}/trpc/analytics.markets?input=${input}`);
  const [first, ...others] = await Promise.all([rest(), rest(), rest()]);
  const text = await first?.text();
  for (const other of others) expect(await other.text()).toBe(text);
  // What is made is read from here.
  await db.schema.alterTable("market_history").renameTo("away").execute();
  const again = await rest();
  expect(Object.fromEntries(again.headers)).toMatchObject({
    "content-type": "application/json; charset=utf-8",
    etag: first?.headers.get("etag"),
  });
  expect(await again.text()).toBe(text);
  expect(await (await trpc()).text()).toBe(`{"result":{"data":${text}}}`);
  expect((await rest({ "if-none-match": again.headers.get("etag") })).status).toBe(304);
  await db.updateTable("protocols").set({ audit_evidence_url: "https://example.org/audit" }).execute();
  expect((await rest()).status).toBe(500);
});
