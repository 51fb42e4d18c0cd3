import pg from "pg";
import type { WaysToSend, WireStatement } from "./wire-statement.ts";

/** What a pool knows of the plans that its connections keep under names. */
export interface KeptPlans {
  /** Counts how often plans turned out to be of tables that have changed since. */
  version: number;
  /** Whether names mean nothing, as behind a pooler that gives each transaction another connection of the server. */
  isRefused: boolean;
}

/**
 * Sends statements under their names, so that Postgres parses each once on a connection and, where that is as good, plans it once.
 * Names come from the text: whoever shares a connection without our knowing means the same by the same name.
 *
 * What a name stands for can be outdated by a migration, or unknown on a connection that is not the one it seems to be. Such a
 * statement is sent again, unless a transaction was undone by it: that is a conflict, which whoever runs it may try again.
 */
export function keepPlans(
  client: pg.PoolClient,
  { send, sendTogether }: WaysToSend,
  plans: KeptPlans,
): WaysToSend {
  let { version } = plans;
  // What the server has said last.
  const isInTransaction = () => client.getTransactionStatus() !== "I";
  const forgetOutdated = async () => {
    if (version === plans.version) return;
    version = plans.version;
    await send({ text: "deallocate all" });
  };
  const withName = (statement: WireStatement): WireStatement => {
    if (statement.name === undefined) return statement;
    if (plans.isRefused) return { ...statement, name: undefined };
    return version === 0 ? statement : { ...statement, name: `${statement.name}_${version}` };
  };
  return {
    send: async (statement) => {
      if (statement.name === undefined || plans.isRefused) return send(withName(statement));
      const wasInTransaction = isInTransaction();
      try {
        await forgetOutdated();
        return await send(withName(statement));
      } catch (error) {
        if (isPlanOutdated(error)) plans.version += 1;
        else if (isPlanUnknown(error)) plans.isRefused = true;
        else throw error;
        if (wasInTransaction || statement.isFirst === true) throw error;
        return send({ ...statement, name: undefined });
      }
    },
    // Whoever sends several sends them one by one when they fail, which finds out why.
    sendTogether: async (statements) => {
      await forgetOutdated();
      return sendTogether(statements.map(withName));
    },
  };
}

/** Whether a statement failed only because of the plan that a connection has kept for it. Running its transaction again helps. */
export function isPlanLost(error: unknown): boolean {
  return isPlanOutdated(error) || isPlanUnknown(error);
}

/** "cached plan must not change result type", which has no code of its own. */
function isPlanOutdated(error: unknown): boolean {
  return (
    error instanceof pg.DatabaseError && error.code === "0A000" && error.routine === "RevalidateCachedQuery"
  );
}

/** The name is unknown, or known already: it is another connection of the server than the one that we gave it to. */
function isPlanUnknown(error: unknown): boolean {
  return error instanceof pg.DatabaseError && (error.code === "26000" || error.code === "42P05");
}
