/** An engine that those go to who outgrow one Postgres. */
export const engines = ["Citus", "YugabyteDB", "CockroachDB", "Aurora"] as const;

/** What of Postgres our schema and statements use, how it shows in SQL, and what each engine documents of it. */
export interface Feature {
  readonly name: string;
  readonly pattern: RegExp;
  /** `?` is what the engine's documents do not say: it has to be tried. */
  readonly support: Readonly<Record<(typeof engines)[number], string>>;
}

const citusTriggers = "[no](https://docs.citusdata.com/en/stable/extra/triggers.html)";
const yugabyteList =
  "https://docs.yugabyte.com/latest/explore/ysql-language-features/postgresql-compatibility/";

export const features: readonly Feature[] = [
  {
    name: "triggers for each row",
    pattern: /create trigger [^;]*for each row/g,
    support: { Citus: citusTriggers, YugabyteDB: "yes", CockroachDB: "yes", Aurora: "yes" },
  },
  {
    name: "triggers for each statement, before `truncate` too",
    pattern: /create trigger (?![^;]*for each row)/g,
    support: {
      Citus: citusTriggers,
      YugabyteDB: "?",
      CockroachDB: "[no](https://github.com/cockroachdb/cockroach/issues/126362)",
      Aurora: "yes",
    },
  },
  {
    name: "transition tables",
    pattern: /create trigger [^;]*referencing/g,
    support: {
      Citus: citusTriggers,
      YugabyteDB: "?",
      CockroachDB: "[no](https://github.com/cockroachdb/cockroach/issues/135655)",
      Aurora: "yes",
    },
  },
  {
    name: "generated columns, stored",
    pattern: /generated always as \((?:(?! identity)[^;])*stored/g,
    support: {
      Citus: "yes",
      YugabyteDB: `[listed as missing](${yugabyteList})`,
      CockroachDB: "yes",
      Aurora: "yes",
    },
  },
  {
    name: "deferrable constraints",
    pattern: /\bdeferrable\b/g,
    support: {
      Citus: "?",
      YugabyteDB: `[listed as missing](${yugabyteList})`,
      CockroachDB: "?",
      Aurora: "yes",
    },
  },
  {
    name: "advisory locks",
    pattern: /pg_(?:try_)?advisory_\w+/g,
    support: {
      Citus: "one node's",
      YugabyteDB: "[yes](https://docs.yugabyte.com/stable/explore/transactions/explicit-locking/)",
      CockroachDB:
        "[of transactions, since 2026](https://github.com/cockroachdb/cockroach/pull/168353); [of sessions, no](https://github.com/cockroachdb/docs/pull/18154)",
      Aurora: "yes",
    },
  },
  {
    name: "snapshots by `xid8`, by which events are read in order",
    pattern: /pg_current_snapshot|pg_current_xact_id|pg_snapshot_\w+/g,
    support: { Citus: "one node's", YugabyteDB: "?", CockroachDB: "?", Aurora: "yes" },
  },
  {
    name: "`for update skip locked`",
    pattern: /skip locked|skiplocked/g,
    support: { Citus: "of one shard", YugabyteDB: "yes", CockroachDB: "yes", Aurora: "yes" },
  },
  {
    name: "`lock table`",
    pattern: /\block table\b/g,
    support: {
      Citus: "?",
      YugabyteDB: `[listed as missing](${yugabyteList})`,
      CockroachDB: "?",
      Aurora: "yes",
    },
  },
  {
    name: "unlogged tables",
    pattern: /create unlogged table/g,
    support: {
      Citus: "yes",
      YugabyteDB: "?",
      CockroachDB: "?",
      Aurora:
        "[writer only](https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-postgresql-unlogged-tables.html), as ours are used",
    },
  },
  {
    name: "partitions (the queue)",
    pattern: /partition of |attach partition/g,
    support: { Citus: "yes", YugabyteDB: "yes", CockroachDB: "?", Aurora: "yes" },
  },
  {
    name: "positions in the log (reading from a standby)",
    pattern: /pg_current_wal_\w+|pg_last_wal_\w+/g,
    support: { Citus: "one node's", YugabyteDB: "?", CockroachDB: "?", Aurora: "?" },
  },
  {
    name: "extensions",
    pattern: /create extension/g,
    support: { Citus: "—", YugabyteDB: "—", CockroachDB: "—", Aurora: "—" },
  },
  {
    name: "`listen` and `notify`",
    pattern: /pg_notify\(|(?<=^|[`"'])(?:listen|notify) \w+[`"']/g,
    support: { Citus: "—", YugabyteDB: "—", CockroachDB: "—", Aurora: "—" },
  },
];
