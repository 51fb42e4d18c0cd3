import { follow, ObsqraError } from "@obsqra/client";
import { createMockClient } from "@obsqra/client/testing";

// Everything has an example; what a test is about is given, typed as the API has it.
const { client, calls, emit } = createMockClient({
  latencyMs: 20,
  responses: {
    webhooks: { list: { items: [], next_cursor: null } },
    transactions: {
      get: ({ tx_hash }) => {
        throw new ObsqraError("TRANSACTION_NOT_FOUND", undefined, {
          message: `There is no ${tx_hash}.`,
          status: 404,
        });
      },
    },
  },
});

console.log((await client.webhooks.list.query()).items.length, "webhooks");
const { protocols } = await client.analytics.dashboard.query({ days: 7 });
console.log(protocols.length > 0, calls.at(-1));
await client.transactions.get
  .query({ tx_hash: "0x1" })
  .catch((error: ObsqraError) => console.log(error.code));

for await (const event of follow(client.events.follow)) {
  if (event.type === "stream.opened")
    emit({
      type: "transaction.logged",
      subject: "an id",
      payload: { tx_type: "deposit", suggestion_id: null },
    });
  if (event.type === "transaction.logged") break;
}
