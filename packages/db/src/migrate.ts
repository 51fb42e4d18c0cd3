import { sql } from "kysely";
import { type MigrationResult, Migrator } from "kysely/migration";
import { continueEventClock } from "./continue-event-clock.ts";
import type { Database } from "./database.ts";
import { up as initial } from "./migrations/0001-initial.ts";
import { up as championAndChallenger } from "./migrations/0002-champion-and-challenger.ts";
import { up as accounts } from "./migrations/0003-accounts.ts";
import { up as idempotencyAndLimits } from "./migrations/0004-idempotency-and-limits.ts";
import { up as transactionChain } from "./migrations/0005-transaction-chain.ts";
import { up as analyticsCache } from "./migrations/0006-analytics-cache.ts";
import { up as pagingIndexes } from "./migrations/0007-paging-indexes.ts";
import { up as eventsAndOwners } from "./migrations/0008-events-and-owners.ts";
import { up as protocolStatuses } from "./migrations/0009-protocol-statuses.ts";
import { up as retention } from "./migrations/0010-retention.ts";
import { up as sizesAndStorage } from "./migrations/0011-sizes-and-storage.ts";
import { up as boundChains } from "./migrations/0012-bound-chains.ts";
import { up as modelManifests } from "./migrations/0013-model-manifests.ts";
import { up as jobs } from "./migrations/0014-jobs.ts";
import { up as quickerChains } from "./migrations/0015-quicker-chains.ts";
import { up as transactionOutcomes } from "./migrations/0016-transaction-outcomes.ts";
import { up as openTransactionsOfOwners } from "./migrations/0017-open-transactions-of-owners.ts";
import { up as marketRevisions } from "./migrations/0018-market-revisions.ts";
import { up as operators } from "./migrations/0019-operators.ts";
import { up as marketFeedChecks } from "./migrations/0020-market-feed-checks.ts";
import { up as protocolFigures } from "./migrations/0021-protocol-figures.ts";
import { up as droppedMarkets } from "./migrations/0022-dropped-markets.ts";
import { up as rebalanceChecks } from "./migrations/0023-rebalance-checks.ts";
import { up as feedAcceptances } from "./migrations/0024-feed-acceptances.ts";
import { up as revisionsEnd } from "./migrations/0025-revisions-end.ts";
import { up as webhooks } from "./migrations/0026-webhooks.ts";
import { up as alerts } from "./migrations/0027-alerts.ts";
import { up as unknownKinds } from "./migrations/0028-unknown-kinds.ts";
import { up as transparencyLog } from "./migrations/0029-transparency-log.ts";
import { up as possibleForecasts } from "./migrations/0030-possible-forecasts.ts";
import { up as thresholdAlerts } from "./migrations/0031-threshold-alerts.ts";
import { up as forecastHistory } from "./migrations/0032-forecast-history.ts";
import { up as artefacts } from "./migrations/0033-artefacts.ts";
import { up as logCosignatures } from "./migrations/0034-log-cosignatures.ts";
import { up as suggestionRecord } from "./migrations/0035-suggestion-record.ts";
import { up as logChainHeads } from "./migrations/0036-log-chain-heads.ts";
import { up as secondFactors } from "./migrations/0037-second-factors.ts";
import { up as rememberedDevices } from "./migrations/0038-remembered-devices.ts";
import { up as logChainHashes } from "./migrations/0041-log-chain-hashes.ts";
import { up as agentGrants } from "./migrations/0042-agent-grants.ts";
import { up as passkeys } from "./migrations/0044-passkeys.ts";
import { up as identities } from "./migrations/0045-identities.ts";
import { up as organisations } from "./migrations/0047-organisations.ts";
import { up as recordIndexes } from "./migrations/0051-record-indexes.ts";

/** All migrations in order. Numbered, and forward-only once released. */
export const migrations = {
  "0001-initial": { up: initial },
  "0002-champion-and-challenger": { up: championAndChallenger },
  "0003-accounts": { up: accounts },
  "0004-idempotency-and-limits": { up: idempotencyAndLimits },
  "0005-transaction-chain": { up: transactionChain },
  "0006-analytics-cache": { up: analyticsCache },
  "0007-paging-indexes": { up: pagingIndexes },
  "0008-events-and-owners": { up: eventsAndOwners },
  "0009-protocol-statuses": { up: protocolStatuses },
  "0010-retention": { up: retention },
  "0011-sizes-and-storage": { up: sizesAndStorage },
  "0012-bound-chains": { up: boundChains },
  "0013-model-manifests": { up: modelManifests },
  "0014-jobs": { up: jobs },
  "0015-quicker-chains": { up: quickerChains },
  "0016-transaction-outcomes": { up: transactionOutcomes },
  "0017-open-transactions-of-owners": { up: openTransactionsOfOwners },
  "0018-market-revisions": { up: marketRevisions },
  "0019-operators": { up: operators },
  "0020-market-feed-checks": { up: marketFeedChecks },
  "0021-protocol-figures": { up: protocolFigures },
  "0022-dropped-markets": { up: droppedMarkets },
  "0023-rebalance-checks": { up: rebalanceChecks },
  "0024-feed-acceptances": { up: feedAcceptances },
  "0025-revisions-end": { up: revisionsEnd },
  "0026-webhooks": { up: webhooks },
  "0027-alerts": { up: alerts },
  "0028-unknown-kinds": { up: unknownKinds },
  "0029-transparency-log": { up: transparencyLog },
  "0030-possible-forecasts": { up: possibleForecasts },
  "0031-threshold-alerts": { up: thresholdAlerts },
  "0032-forecast-history": { up: forecastHistory },
  "0033-artefacts": { up: artefacts },
  "0034-log-cosignatures": { up: logCosignatures },
  "0035-suggestion-record": { up: suggestionRecord },
  "0036-log-chain-heads": { up: logChainHeads },
  "0037-second-factors": { up: secondFactors },
  "0038-remembered-devices": { up: rememberedDevices },
  "0041-log-chain-hashes": { up: logChainHashes },
  "0042-agent-grants": { up: agentGrants },
  "0044-passkeys": { up: passkeys },
  "0045-identities": { up: identities },
  "0047-organisations": { up: organisations },
  "0051-record-indexes": { up: recordIndexes },
};

/** The schema has gone on to where this version cannot serve any more. */
export class SchemaTooNewError extends Error {
  override readonly name = "SchemaTooNewError";

  constructor(migration: string) {
    super(
      `A newer version has taken from the schema what this one needs (${migration}): start that version, or restore a backup from before.`,
    );
  }
}

/** What takes something away that an older version may use is called so, and no version that does not know it starts. */
export const contracting = /^\d{4}-contract-/;

/**
 * Brings the schema up to date. Running it again is harmless; of several processes at once, one migrates and the
 * others wait for it (an advisory lock on Postgres, the data directory's lock under PGlite). When the database was restored
 * from a dump, its events go on after those of the dump. A schema that a newer version has only added to is left as it is, so that
 * servers of both versions start while one replaces the other, and whoever goes back to the older one can.
 *
 * @returns the names of the migrations that were applied now
 * @throws SchemaTooNewError; the database's error when a migration fails; the schema then is as it was before
 */
export async function migrate(db: Database): Promise<string[]> {
  return db.connection().execute(async (connection) => {
    // Served statements have a limit. A migration takes as long as there is data, and so does waiting for another's.
    const limit = await readStatementTimeout(connection);
    await sql`set statement_timeout = 0`.execute(connection);
    try {
      const results = await migrateToLatest(connection);
      await continueEventClock(connection);
      return results.map((result) => result.migrationName);
    } finally {
      // Not `reset`, which brings back the default of the role.
      await sql`set statement_timeout = ${sql.lit(limit)}`.execute(connection);
    }
  });
}

/**
 * Whether a database has the schema of this version: `none` is one that nobody has migrated yet, `older` lacks migrations,
 * `newer` has some that this version does not know. Reads only.
 */
export async function readSchemaState(db: Database): Promise<"current" | "none" | "older" | "newer"> {
  const applied = new Set(await readApplied(db));
  if (applied.size === 0) return "none";
  if ([...applied].some((name) => !(name in migrations))) return "newer";
  return Object.keys(migrations).every((name) => applied.has(name)) ? "current" : "older";
}

async function migrateToLatest(db: Database): Promise<readonly MigrationResult[]> {
  const newer = await readNewer(db);
  // Those of a newer version do nothing here: the migrator refuses a schema with others than it is given.
  const all = { ...migrations, ...Object.fromEntries(newer.map((name) => [name, { up: async () => {} }])) };
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => all },
    // Numbers are given before the work is done, and what is done later may have the lower one. None builds on one beside it.
    allowUnorderedMigrations: true,
  });
  const { error, results = [] } = await migrator.migrateToLatest();
  if (error === undefined) return results;
  // The newer version may have migrated while this one waited for the lock.
  if ((await readNewer(db)).length > newer.length) return migrateToLatest(db);
  throw error;
}

/** @throws SchemaTooNewError */
async function readNewer(db: Database): Promise<string[]> {
  const newer = (await readApplied(db)).filter((name) => !(name in migrations));
  const narrowed = newer.find((name) => contracting.test(name));
  if (narrowed !== undefined) throw new SchemaTooNewError(narrowed);
  return newer;
}

/** The names of migrations that the database has; empty in one that nobody has migrated. */
async function readApplied(db: Database): Promise<string[]> {
  const { rows: tables } = await sql`select 1 where to_regclass('kysely_migration') is not null`.execute(db);
  if (tables.length === 0) return [];
  const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(db);
  return rows.map(({ name }) => name);
}

async function readStatementTimeout(db: Database): Promise<string> {
  const { rows } = await sql<{
    limit: string;
  }>`select current_setting('statement_timeout') as "limit"`.execute(db);
  return rows[0]?.limit ?? "0";
}
