import { createClient } from "@obsqra/client";
import { type WhatIf, whatIfExample, whatIfInput } from "@obsqra/contract";
import type { Database } from "@obsqra/db";
import { createCaller } from "@obsqra/features";
import { expect, it } from "vitest";
import { password, sendJson, startTestServer } from "./start-test-server.ts";

it("gives the worked example the same result over REST, tRPC, the client and in process, and stores nothing else than the client's reply", async () => {
  await using server = await startTestServer();
  const email = "ada@example.org";
  const headers = await server.signUp(email);
  const client = createClient({ url: server.url });
  await client.auth.login.mutate({ email, password });
  const input = whatIfInput.parse(whatIfExample);
  const before = await countRows(server.api.deps.db);

  const byRest = await sendJson(server.url, {
    path: "/api/v1/predictions/what-if",
    headers,
    json: whatIfExample,
  });
  const byTrpc = await sendJson(server.url, {
    path: "/trpc/predictions.what_if",
    headers,
    json: whatIfExample,
  });
  const byClient = await client.predictions.what_if.mutate(input);
  const request = {
    id: "in-process",
    access_token: headers.authorization.replace("Bearer ", ""),
    ip: undefined,
    user_agent: undefined,
  };
  const inProcess = await createCaller({ ...server.api.deps, request }).predictions.what_if(input);

  expect(byRest.status).toBe(200);
  const response = JSON.parse(byRest.body) as WhatIf;
  expect(JSON.parse(byTrpc.body)).toEqual({ result: { data: response } });
  expect(byClient).toEqual(response);
  expect(inProcess).toEqual(response);
  expect(Object.keys(response.allocation)).toEqual(["ekubo", "nostra"]);
  // The client may send it again, and has the response kept for that.
  const replies = "public.idempotency_keys";
  expect(await countRows(server.api.deps.db)).toEqual({ ...before, [replies]: (before[replies] ?? 0) + 1 });
});

async function countRows(db: Database): Promise<Record<string, number>> {
  const tables = (await db.introspection.getTables()).filter(({ isView }) => !isView);
  const counts: Record<string, number> = {};
  for (const { name, schema = "public" } of tables) {
    const { count } = await db
      .withSchema(schema)
      // Every table that there is, so its name cannot be one of the typed ones.
      .selectFrom(name as "users")
      .select(({ fn }) => fn.countAll<string>().as("count"))
      .executeTakeFirstOrThrow();
    counts[`${schema}.${name}`] = Number(count);
  }
  return counts;
}
