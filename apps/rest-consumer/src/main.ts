/**
 * A REST integration from end to end, with types made from the OpenAPI document. Make them first:
 *
 *     npx openapi-typescript http://localhost:8000/openapi.json -o src/api.ts
 *     node src/main.ts http://localhost:8000
 */
import type { components } from "./api.ts";
import { signIn } from "./sign-in.ts";

const [, , baseUrl = "http://localhost:8000", email = "ada@example.org"] = process.argv;
const obsqra = await signIn(baseUrl, { email, password: "correct horse battery staple" });

// With a key, a request may be sent again after a lost connection: it is done once.
const headers = { "Idempotency-Key": crypto.randomUUID() };
const deposit = { tx_hash: "0x5a1d", tx_type: "deposit", amount: "1250.5" } as const;
const first = await obsqra.POST("/api/v1/transactions", { params: { header: headers }, body: deposit });
const again = await obsqra.POST("/api/v1/transactions", { params: { header: headers }, body: deposit });
print("same transaction", first.data !== undefined && first.data.id === again.data?.id);
print("replayed", again.response.headers.get("idempotent-replayed"));

// Without one, the log refuses what it has already.
const { error } = await obsqra.POST("/api/v1/transactions", { body: deposit });
if (error?.code === "TRANSACTION_ALREADY_LOGGED") print("logged before", error.details.tx_hash);

await obsqra.POST("/api/v1/transactions", { body: { ...deposit, tx_hash: "0x5a1e", amount: "0.5" } });
for await (const { tx_hash, amount } of listTransactions()) print(tx_hash, amount);

// The dashboard comes with an ETag; while nothing has changed, asking again costs almost nothing.
const dashboard = await obsqra.GET("/api/v1/analytics/dashboard");
const etag = dashboard.response.headers.get("etag") ?? "";
const unchanged = await obsqra.GET("/api/v1/analytics/dashboard", {
  params: { header: { "If-None-Match": etag } },
});
print("dashboard", `${dashboard.data?.protocols.length} protocols, then ${unchanged.response.status}`);
print("rate limit", unchanged.response.headers.get("ratelimit"));

/** Every transaction, newest first, page by page. */
async function* listTransactions(): AsyncGenerator<components["schemas"]["Transaction"]> {
  let cursor: string | undefined;
  do {
    const { data, error } = await obsqra.GET("/api/v1/transactions", {
      params: { query: { limit: 1, ...(cursor === undefined ? {} : { cursor }) } },
    });
    if (error !== undefined) throw new Error(error.detail);
    yield* data.items;
    cursor = data.next_cursor ?? undefined;
  } while (cursor !== undefined);
}

function print(what: string, value: unknown): void {
  process.stdout.write(`${what}: ${value}\n`);
}
