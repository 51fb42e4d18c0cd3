import { createClient } from "@obsqra/client";

const obsqra = createClient({ url: "http://localhost:8000" });
await obsqra.auth.login.mutate({ email: "ada@example.org", password: "correct horse battery staple" });

let cursor: string | undefined;
do {
  const page = await obsqra.transactions.list.query({ limit: 100, cursor });
  for (const transaction of page.items) console.log(transaction.tx_hash);
  cursor = page.next_cursor ?? undefined;
} while (cursor !== undefined);
