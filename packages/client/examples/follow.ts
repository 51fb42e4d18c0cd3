import { createClient, follow } from "@obsqra/client";

const obsqra = createClient({ url: "http://localhost:8000" });
await obsqra.auth.login.mutate({ email: "ada@example.org", password: "correct horse battery staple" });

for await (const event of follow(obsqra.events.follow, { topics: ["forecasts", "transactions"] })) {
  if (event.type === "stream.opened") {
    // Read now what is shown: every later change is told.
    const { items } = await obsqra.transactions.list.query();
    console.log(`${items.length} transactions so far`);
    await obsqra.transactions.create.mutate({ tx_hash: "0x5a20", tx_type: "deposit", amount: "1" });
  }
  if (event.type === "transaction.logged") {
    console.log(`logged ${event.subject}`);
    break;
  }
}
