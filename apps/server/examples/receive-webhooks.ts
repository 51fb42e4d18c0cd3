import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { createClient } from "@obsqra/client";
import { Webhook } from "standardwebhooks";

const obsqra = createClient({ url: "http://localhost:8000" });
const email = `ada-${Date.now()}@example.org`;
await obsqra.auth.register.mutate({ email, password: "correct horse battery staple", full_name: "Ada" });

// The secret is shown this once: keep it where passwords are.
const { id: webhook_id, secret } = await obsqra.webhooks.create.mutate({
  url: "http://localhost:9000/obsqra",
  topics: ["suggestions", "transactions"],
});
const verifier = new Webhook(secret);
// In earnest a table with a unique key, written in the transaction of what the message does.
const handled = new Set<string>();

const receiver = createServer(async (request, response) => {
  const { "webhook-id": id = "", ...headers } = request.headers as Record<string, string>;
  // The bytes as they came: JSON that was read and printed again has another signature.
  const body = await text(request);
  try {
    verifier.verify(body, { "webhook-id": id, ...headers });
  } catch {
    response.writeHead(401).end();
    return;
  }
  if (!handled.has(id)) {
    handled.add(id);
    const { type, subject } = JSON.parse(body);
    console.log(type, subject === webhook_id);
  }
  // Within five seconds; whatever takes longer comes afterwards.
  response.writeHead(204).end();
  if (handled.size === 2) receiver.close();
}).listen(9000);

await obsqra.webhooks.test.mutate({ webhook_id });
await obsqra.transactions.create.mutate({ tx_hash: "0x5a1d", tx_type: "deposit", amount: "1250.5" });
