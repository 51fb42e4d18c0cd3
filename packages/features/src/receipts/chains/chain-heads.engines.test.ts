import { withoutRules } from "@obsqra/db/testing";
import { sql } from "kysely";
import { afterAll, beforeAll, expect, it } from "vitest";
import { verifyAuditLogs } from "../../accounts/operators/account-commands.service.ts";
import { createTestApi, type TestApi } from "../../testing/index.ts";
import { LogChangedError } from "../log/log-changed-error.ts";
import { verifyLog } from "../log/verify-log.service.ts";
import { logChainHeads } from "./chain-heads.service.ts";

let api: TestApi;

beforeAll(async () => {
  api = await createTestApi();
});

afterAll(() => api[Symbol.asyncDispose]());

const hourMs = 3_600_000;

/** The entries about chains. */
async function listEntries() {
  const { rows } = await sql<{ entry: Uint8Array }>`
    select entry from log_entries where type = 'chain_heads' order by leaf_index`.execute(api.deps.db);
  return rows.map(({ entry }) => JSON.parse(Buffer.from(entry).toString()));
}

async function signUpWithLogs(email: string) {
  const caller = await api.signUp(email);
  await caller.users.update_profile({ full_name: "Ada Lovelace" });
  for (const number of [1, 2, 3]) {
    await caller.transactions.create({ tx_hash: `0x${number}`, tx_type: "deposit", amount: "1.50" });
  }
  return { caller, id: (await caller.auth.me()).id };
}

it("are in the log once an hour, whether one has gone on or not, with nothing of anybody in it", async () => {
  expect(await logChainHeads(api.deps)).toBe(0);
  const ada = await signUpWithLogs("ada@example.org");
  const eve = await signUpWithLogs("eve@example.org");
  const [first, second] = await Promise.all([logChainHeads(api.deps), logChainHeads(api.deps)]);
  expect([first, second].toSorted()).toEqual([0, 4]);
  await ada.caller.transactions.create({ tx_hash: "0x4", tx_type: "deposit", amount: "1.50" });
  expect(await logChainHeads(api.deps)).toBe(0);
  for (const _ of ["gone on", "stood still"]) {
    api.clock.advance(hourMs);
    expect(await logChainHeads(api.deps)).toBe(4);
    expect(await logChainHeads(api.deps)).toBe(0);
  }
  const entries = await listEntries();
  expect(entries).toHaveLength(3);
  for (const entry of entries) {
    expect(entry).toEqual({
      type: "chain_heads",
      logged_at: expect.any(String),
      chains: 4,
      root: expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/),
    });
  }
  const text = JSON.stringify(entries);
  for (const personal of [ada.id, eve.id]) expect(text).not.toContain(personal);
  // Only what has gone on is kept again.
  const kept = await api.deps.db.selectFrom("log_chain_heads").select("chain").execute();
  expect(kept).toHaveLength(5);
  expect(await verifyLog(api.deps)).toMatchObject({ chainHeads: 3 });
});

/** What an operator can do with all rights on the database, so that the chains themselves hold. */
const cuts = {
  "audit log": [
    "delete from audit_events where user_id = $user and position = $newest",
    `update chained_logs set end_position = $newest - 1, end_hash = (select hash from audit_events
      where user_id = $user and position = $newest - 1) where log = 'audit' and owner_id = $user`,
  ],
  "log of transactions": [
    `delete from transaction_statuses where owner_id = $user and position = $newest`,
    `delete from transactions where owner_id = $user and not exists (
      select from transaction_statuses as entry where entry.transaction_id = transactions.id)`,
    `update chained_logs set end_position = $newest - 1, end_hash = (select hash from transaction_statuses
      where owner_id = $user and position = $newest - 1) where log = 'transactions' and owner_id = $user`,
  ],
} as const;

class Undo extends Error {}

it.each(Object.entries(cuts))(
  "show that the newest entries of somebody's %s were cut off, ends included",
  async (log, statements) => {
    const { id } = await signUpWithLogs(`cut-${log.length}@example.org`);
    api.clock.advance(hourMs);
    expect(await logChainHeads(api.deps)).toBeGreaterThan(0);
    const { rows } = await sql<{ newest: number }>`
    select end_position::float8 as newest from chained_logs
    where owner_id = ${id} and log = ${log === "audit log" ? "audit" : "transactions"}`.execute(api.deps.db);
    const newest = rows[0]?.newest ?? expect.fail("There is no such log.");
    const undone = withoutRules(api.deps.db, async (trx) => {
      for (const statement of statements) {
        await sql
          .raw(statement.replaceAll("$user", `'${id}'`).replaceAll("$newest", String(newest)))
          .execute(trx);
      }
      const faults: string[] = [];
      for await (const { user_id, chain } of verifyAuditLogs({ db: trx }, "all")) {
        if ("fault" in chain) faults.push(`${user_id} ${chain.fault}`);
      }
      expect(faults).toEqual([]);
      const verified = verifyLog({ db: trx });
      await expect(verified).rejects.toBeInstanceOf(LogChangedError);
      await expect(verified).rejects.toThrow(
        `The ${log} of ${id} does not have the entry ${newest} that it ended with`,
      );
      throw new Undo();
    });
    await expect(undone).rejects.toBeInstanceOf(Undo);
    await verifyLog(api.deps);
  },
);

it("show that what was kept of them was changed", async () => {
  const { id } = await signUpWithLogs("kept@example.org");
  api.clock.advance(hourMs);
  await logChainHeads(api.deps);
  const undone = withoutRules(api.deps.db, async (trx) => {
    await sql`delete from log_chain_heads where chain in (select position from chained_logs where owner_id = ${id})`.execute(
      trx,
    );
    await expect(verifyLog({ db: trx })).rejects.toThrow("which are not those that were kept");
    throw new Undo();
  });
  await expect(undone).rejects.toBeInstanceOf(Undo);
});
