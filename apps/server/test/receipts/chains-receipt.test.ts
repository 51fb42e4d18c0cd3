import type { ChainsReceipt } from "@obsqra/contract";
import { withoutRules } from "@obsqra/db/testing";
import { getLogFile, logChainHeads } from "@obsqra/features";
import { codeOf, createTestApi, type TestApi } from "@obsqra/features/testing";
import { type Verification, verifyChains } from "@obsqra/verify";
import { afterAll, beforeAll, expect, it } from "vitest";

let api: TestApi;

beforeAll(async () => {
  api = await createTestApi();
});

afterAll(() => api[Symbol.asyncDispose]());

const fetch = async (url: string) => {
  const file = await getLogFile(api.deps, new URL(url).pathname.replace(/^\/log\//, ""));
  if (file === undefined) return new Response("", { status: 404 });
  return new Response(typeof file.content === "string" ? file.content : Buffer.from(file.content));
};

const failures = ({ checks }: Verification) =>
  checks.filter(({ state }) => state === "failed").map(({ name, says }) => `${name}: ${says}`);

/** A user with three transactions and two security events, whose receipt is of this hour. */
async function keepReceipt() {
  api.clock.advance(3_600_000);
  const ada = await api.signUp();
  await ada.users.update_profile({ full_name: "Ada Lovelace" });
  for (const number of [1, 2, 3]) {
    await ada.transactions.create({ tx_hash: `0x${number}`, tx_type: "deposit", amount: "1.50" });
  }
  await logChainHeads(api.deps);
  return { ada, owner_id: (await ada.auth.me()).id, receipt: await ada.receipts.chains() };
}

it("shows a user that the log has where the own chains ended, and that they go on from there", async () => {
  const stranger = await api.signUp();
  expect(await codeOf(stranger.receipts.chains())).toBe("RECEIPT_NOT_FOUND");
  const { ada, owner_id, receipt } = await keepReceipt();
  expect(receipt.owner_id).toBe(owner_id);
  expect(receipt.chains.map(({ log, position }) => [log, position]).toSorted()).toEqual([
    ["audit", 2],
    ["transactions", 3],
  ]);
  await ada.transactions.create({ tx_hash: "0x4", tx_type: "deposit", amount: "1.50" });
  for (const answer of [await ada.transactions.entries(), await ada.users.audit_log()]) {
    const verification = await verifyChains(receipt, { fetch, answer });
    expect(failures(verification)).toEqual([]);
    const open = verification.checks.filter(({ state }) => state !== "passed").map(({ name }) => name);
    expect([open, verification.verdict]).toEqual([["history", "time"], "self_attested"]);
  }
});

it("has nothing of anybody else in it", async () => {
  const eve = await keepReceipt();
  const { receipt, owner_id } = await keepReceipt();
  expect(JSON.stringify(receipt)).not.toContain(eve.owner_id);
  for (const { hash } of eve.receipt.chains) expect(JSON.stringify(receipt)).not.toContain(hash);
  expect(receipt.entry).not.toContain(owner_id);
});

it("proves that the newest entries were cut off, or written anew, to whoever has kept it", async () => {
  const { ada, owner_id, receipt } = await keepReceipt();
  const shown = await ada.transactions.entries();
  const [newest, ...older] = shown.items;
  const cut = await verifyChains(receipt, { fetch, answer: { ...shown, items: older } });
  expect(failures(cut)).toEqual([
    "answer: The chain transactions was cut off: it had 3 entries, and ends with 2.",
  ]);
  // By the database itself, with what lists the chain.
  await withoutRules(api.deps.db, async (trx) => {
    const log = trx.deleteFrom("transaction_statuses").where("owner_id", "=", owner_id);
    await log.where("position", "=", "3").execute();
    await trx
      .deleteFrom("transactions")
      .where("id", "=", newest?.transaction_id ?? "")
      .execute();
    const listed = trx.deleteFrom("chained_logs").where("owner_id", "=", owner_id);
    await listed.where("log", "=", "transactions").execute();
  });
  await ada.transactions.create({ tx_hash: "0x5", tx_type: "withdraw", amount: "7" });
  const anew = await verifyChains(receipt, { fetch, answer: await ada.transactions.entries() });
  expect(failures(anew)).toEqual([
    expect.stringContaining("answer: The chain transactions was written anew: its entry 3 had the hash"),
  ]);
});

it("is caught and named when it is made up", async () => {
  const { receipt } = await keepReceipt();
  const [first, ...others] = receipt.chains;
  const forge = (chain: Partial<ChainsReceipt["chains"][number]>) => ({
    ...receipt,
    chains: [{ ...first, ...chain }, ...others],
  });
  for (const chain of [
    { position: 1 },
    { hash: "0".repeat(64) },
    { log: "transactions" as const, position: 1 },
  ]) {
    const verification = await verifyChains(forge(chain), { fetch });
    expect(failures(verification)).toEqual([
      expect.stringContaining("chains: The log does not commit to it that the chain"),
    ]);
  }
  const entry = receipt.entry.replace(/"root":"./, '"root":"A');
  const forged = await verifyChains({ ...receipt, entry }, { fetch });
  expect(failures(forged).map((line) => line.split(":")[0])).toEqual(["chains", "inclusion"]);
  const timeless = receipt.entry.replace(/"logged_at":"[^"]*"/, '"logged_at":"never"');
  const odd = await verifyChains({ ...receipt, entry: timeless }, { fetch });
  expect(failures(odd).map((line) => line.split(":")[0])).toEqual(["chains", "inclusion", "time"]);
  expect((await verifyChains({}, { fetch })).verdict).toBe("failed");
});
