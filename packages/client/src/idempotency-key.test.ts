import { expect, it } from "vitest";
import { openService } from "../test/service-double.ts";
import { createClient, createMemoryTokenStorage } from "./index.ts";

const pair = { access_token: "access-1", refresh_token: "refresh-1" };
const input = { tx_hash: "0x1", tx_type: "deposit", amount: "1" } as const;
const alreadyLogged = { code: "TRANSACTION_ALREADY_LOGGED" };

it("sends the key of a call with it, alone, also when others are made in the same tick", async () => {
  for (const batch of [true, false]) {
    await using service = await openService();
    const tokens = createMemoryTokenStorage(pair);
    const client = createClient({ url: service.url, tokens, batch, maxRetries: 0 });
    const create = (idempotencyKey: string) =>
      client.transactions.create.mutate(input, { context: { idempotencyKey } });
    await Promise.all([
      expect(create("one")).rejects.toMatchObject(alreadyLogged),
      expect(create("two")).rejects.toMatchObject(alreadyLogged),
      expect(client.transactions.create.mutate(input)).rejects.toMatchObject(alreadyLogged),
      expect(client.transactions.create.mutate(input)).rejects.toMatchObject(alreadyLogged),
    ]);
    const others = batch ? [undefined] : [undefined, undefined];
    expect(service.idempotencyKeys.toSorted()).toEqual(["one", "two", ...others]);
  }
});

it("repeats a call with the same key once the access token is renewed, and renews with another", async () => {
  await using service = await openService();
  service.current = 2;
  const tokens = createMemoryTokenStorage({ access_token: "access-1", refresh_token: "refresh-2" });
  const client = createClient({ url: service.url, tokens });
  const call = client.transactions.create.mutate(input, { context: { idempotencyKey: "one" } });
  await expect(call).rejects.toMatchObject(alreadyLogged);
  expect(service.calls.map(({ path }) => path)).toEqual([
    "transactions.create",
    "auth.refresh",
    "transactions.create",
  ]);
  expect(service.idempotencyKeys).toEqual(["one", expect.stringMatching(/^[0-9a-f]{32}$/), "one"]);
});

it("leaves it to the service to refuse an invalid key", async () => {
  await using service = await openService();
  const client = createClient({ url: service.url, tokens: createMemoryTokenStorage(pair) });
  for (const invalid of ["", null, 7]) {
    // As from a program without types.
    const idempotencyKey = invalid as string;
    const call = client.transactions.create.mutate(input, { context: { idempotencyKey } });
    await expect(call).rejects.toMatchObject(alreadyLogged);
  }
  expect(service.idempotencyKeys).toEqual(["", "", ""]);
});
