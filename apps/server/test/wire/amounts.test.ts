import { createClient, createMemoryTokenStorage, type ObsqraClient } from "@obsqra/client";
import fc from "fast-check";
import { expect, it } from "vitest";
import { send, sendJson, startTestServer, type TestServer } from "./start-test-server.ts";

function digits(lengthMax: number): fc.Arbitrary<string> {
  return fc.stringMatching(new RegExp(`^\\d{1,${lengthMax}}$`));
}

/** Up to 78 digits before the point and 18 after it, trailing zeros included. */
const amount = fc
  .tuple(
    fc.oneof(
      fc.constantFrom("0", "9".repeat(78), `1${"0".repeat(77)}`),
      digits(78).map((text) => text.replace(/^0+(?=\d)/, "")),
    ),
    fc.oneof(
      fc.constant(""),
      fc.constantFrom(".0", `.${"0".repeat(18)}`, `.${"9".repeat(18)}`),
      digits(18).map((text) => `.${text}`),
    ),
  )
  .map(([whole, fraction]) => whole + fraction);

type LogTransaction = (input: { tx_hash: string; tx_type: "deposit"; amount: string }) => Promise<unknown>;

interface World {
  readonly server: TestServer;
  readonly client: ObsqraClient;
  readonly authorization: string;
  /** Logs a transaction over REST, over tRPC, or in process. */
  readonly ways: Readonly<Record<"rest" | "trpc" | "in_process", LogTransaction>>;
}

async function createWorld(server: TestServer): Promise<World> {
  const email = "ada@example.org";
  const { authorization } = await server.signUp(email);
  const access_token = authorization.replace("Bearer ", "");
  const tokens = createMemoryTokenStorage({ access_token, refresh_token: "" });
  const client = createClient({ url: server.url, tokens });
  const caller = server.api.caller(access_token);
  const ways = {
    rest: async (json: object) =>
      JSON.parse(
        (await sendJson(server.url, { path: "/api/v1/transactions", headers: { authorization }, json })).body,
      ),
    trpc: (input: Parameters<LogTransaction>[0]) => client.transactions.create.mutate(input),
    in_process: (input: Parameters<LogTransaction>[0]) => caller.transactions.create(input),
  };
  return { server, client, authorization, ways };
}

/** The amount of the newest transaction, wherever it is returned, and as the database has it. */
async function readEverywhere({ server, client, authorization }: World, tx_hash: string) {
  const get = async (path: string) =>
    JSON.parse((await send(server.url, { path: `/api/v1/${path}`, headers: { authorization } })).body);
  const caller = server.api.caller(authorization.replace("Bearer ", ""));
  const [list, entries] = [await get("transactions?limit=1"), await get("transactions/entries?limit=1")];
  const { cursor } = await client.users.start_export.mutate();
  const exported = (await client.users.export_records.query({ cursor })).items.filter(
    ({ data }) => data.tx_hash === tx_hash,
  );
  const stored = await server.api.deps.db
    .selectFrom("transactions")
    .select("amount")
    .where("tx_hash", "=", tx_hash)
    .execute();
  const responses: { amount: string }[] = [
    await get(`transactions/${tx_hash}`),
    list.items[0],
    entries.items[0],
    await client.transactions.get.query({ tx_hash }),
    await caller.transactions.get({ tx_hash }),
    ...stored,
  ];
  return [...responses.map((response) => response.amount), ...exported.map(({ data }) => data.amount)];
}

it("keeps an amount of up to 78 digits and 18 decimals exactly as logged, whichever way it takes", {
  timeout: 120_000,
}, async () => {
  await using server = await startTestServer();
  const world = await createWorld(server);
  let number = 0;
  await fc.assert(
    fc.asyncProperty(amount, fc.constantFrom("rest", "trpc", "in_process"), async (value, way) => {
      number += 1;
      const tx_hash = `0x${number.toString(16).padStart(64, "0")}`;
      const logged = await world.ways[way]({ tx_hash, tx_type: "deposit", amount: value });
      expect(logged).toMatchObject({ amount: value, tx_hash });
      const responses = await readEverywhere(world, tx_hash);
      // Besides six responses, the export has the transaction and its entry.
      expect(responses).toEqual(Array.from({ length: 8 }, () => value));
    }),
    {
      numRuns: 40,
      examples: [
        ["1.50", "rest"],
        [`${"9".repeat(78)}.${"9".repeat(18)}`, "trpc"],
        ["0", "in_process"],
      ],
    },
  );
});

it.each([
  `1${"0".repeat(78)}`,
  `0.${"0".repeat(18)}1`,
  "1e3",
  "-1",
  "01",
  "NaN",
  "Infinity",
  "0x10",
  "1_000",
  "١",
])("refuses the amount %s, whichever way it takes", async (value) => {
  await using server = await startTestServer();
  const { ways, client } = await createWorld(server);
  const input = { tx_hash: "0x1", tx_type: "deposit" as const, amount: value };
  expect(await ways.rest(input)).toMatchObject({ code: "VALIDATION_FAILED" });
  await expect(ways.trpc(input)).rejects.toMatchObject({ code: "VALIDATION_FAILED" });
  await expect(ways.in_process(input)).rejects.toThrow("amount:");
  expect((await client.transactions.list.query()).items).toEqual([]);
});
