import { createClient, paginate } from "@obsqra/client";

const obsqra = createClient({ url: "http://localhost:8000" });
await obsqra.auth.login.mutate({ email: "ada@example.org", password: "correct horse battery staple" });

for await (const transaction of paginate(obsqra.transactions.list, { tx_type: "deposit", sort: "oldest" })) {
  console.log(transaction.tx_hash, transaction.amount);
}

// Whole pages, with what they say besides their items.
for await (const page of paginate(obsqra.analytics.risk_history, { days: 7, limit: 100 }).byPage()) {
  console.log(page.data_source.name, page.items.length);
}
