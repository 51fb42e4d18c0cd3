import { setTimeout } from "node:timers/promises";
import { createClient, isObsqraError } from "@obsqra/client";

const obsqra = createClient({ url: "http://localhost:8000" });
await obsqra.auth.login.mutate({ email: "ada@example.org", password: "correct horse battery staple" });

const input = { tx_hash: "0x5a1d", tx_type: "deposit", amount: "1250.5" } as const;
// A new one for each thing that is to be done; the same to repeat it, also from another process.
const context = { idempotencyKey: crypto.randomUUID() };

/** Logs the transaction, however often the response gets lost on its way. */
async function logOnce(attemptsLeft = 5) {
  try {
    return await obsqra.transactions.create.mutate(input, { context });
  } catch (error) {
    if (!isObsqraError(error, "CONNECTION_FAILED") || attemptsLeft === 0) throw error;
    await setTimeout(1000);
    return logOnce(attemptsLeft - 1);
  }
}

const transaction = await logOnce();
console.log(transaction.id);
