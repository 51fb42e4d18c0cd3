import type { ServerDependencies } from "../../src/create-dependencies.ts";
import { signUp } from "./open-server.ts";

/** Registers a user with so many logged transactions; gives the user's id. */
export async function logTransactions(
  server: ServerDependencies,
  email: string,
  count: number,
): Promise<string> {
  const caller = await signUp(server, email);
  for (let number = 1; number <= count; number += 1) {
    await caller.transactions.create({ tx_hash: `0x${number}`, tx_type: "deposit", amount: "1.50" });
  }
  return (await caller.auth.me()).id;
}
