import { createHash } from "node:crypto";
import {
  type Compilable,
  type CompiledQuery,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type RawBuilder,
  sql,
} from "kysely";
import type { Database, DatabaseTransaction } from "./database.ts";
import { sharedRoundTripsOf } from "./pooled-postgres-dialect.ts";
import type { Tables } from "./tables.ts";

/** The parameters of a statement while it is built: what they are is known only when it runs. */
export type Placeholders<TParameters> = { readonly [Key in keyof TParameters]: RawBuilder<TParameters[Key]> };

/** A value, or what stands for one where a statement is built once. */
export type SqlValue<TValue> = TValue | RawBuilder<TValue>;

/** Builds a statement; once, so that nothing in it may depend on what its parameters are. */
export type BuildStatement<TParameters, TRow> = (
  db: Database,
  parameters: Placeholders<TParameters>,
) => Compilable<TRow> | RawBuilder<TRow>;

/** A statement that is built once, and run many times. */
export interface Statement<TParameters, TRow> {
  /** All rows that it gives. */
  all(db: Database, parameters: TParameters): Promise<TRow[]>;
  /** The first row; undefined when there is none. */
  first(db: Database, parameters: TParameters): Promise<TRow | undefined>;
  /** Runs it as the last one of its transaction, which a connection of our own then commits in the same message. */
  last(trx: DatabaseTransaction, parameters: TParameters): Promise<TRow[]>;
}

/** What is known of a statement when it is defined. */
export interface StatementOptions {
  /**
   * Whether it may share a round trip to Postgres with others, outside of transactions: it takes little time, waits for no lock, and
   * may run again.
   *
   * @default false
   */
  readonly isShared?: boolean;
}

/** What Kysely does not know of a statement, for who sends it. */
export interface StatementFacts {
  /** Under which a connection may keep its plan. */
  readonly name?: string | undefined;
  /** Whether a transaction ends with it. */
  readonly isLast?: boolean;
}

/**
 * Defines a statement that many calls run: Kysely compiles it at its first use and not again, and a connection that is ours alone
 * keeps its plan. Kysely's plugins, such as those with which tests listen, get it built anew each time.
 */
export function defineStatement<TParameters extends object, TRow>(
  build: BuildStatement<TParameters, TRow>,
  { isShared = false }: StatementOptions = {},
): Statement<TParameters, TRow> {
  let bind: ((parameters: TParameters) => CompiledQuery<TRow> & StatementFacts) | undefined;
  const query = (db: Database, parameters: TParameters): CompiledQuery<TRow> & StatementFacts => {
    if (db.getExecutor().plugins.length > 0) return compile<TParameters, TRow>(build, db, parameters);
    bind ??= compileOnce(build);
    return bind(parameters);
  };
  const run = async (db: Database, parameters: TParameters): Promise<TRow[]> => {
    const compiled = query(db, parameters);
    const share = isShared && !db.isTransaction ? sharedRoundTripsOf(db) : undefined;
    // Whoever listens hears only of what Kysely sends.
    if (share === undefined || compiled.name === undefined)
      return (await db.executeQuery<TRow>(compiled)).rows;
    return share<TRow>(compiled);
  };
  return {
    all: run,
    first: async (db, parameters) => (await run(db, parameters))[0],
    last: async (trx, parameters) => {
      const last: CompiledQuery<TRow> & StatementFacts = { ...query(trx, parameters), isLast: true };
      return (await trx.executeQuery<TRow>(last)).rows;
    },
  };
}

/**
 * The same for a statement that comes in a few shapes, such as a list with its orders and filters: each is defined when it is first
 * asked for.
 *
 * @param build the shape's values tell it from the others; a call gives them in the same order
 */
export function defineStatements<TShape extends object, TParameters extends object, TRow>(
  build: (shape: TShape) => BuildStatement<TParameters, TRow>,
  options?: StatementOptions,
): (shape: TShape) => Statement<TParameters, TRow> {
  const defined = new Map<string, Statement<TParameters, TRow>>();
  return (shape) => {
    const key = Object.values(shape).join(" ");
    const known = defined.get(key) ?? defineStatement(build(shape), options);
    defined.set(key, known);
    return known;
  };
}

/** Stands for a value until there is one. */
class Slot {
  readonly key: string;

  constructor(key: string) {
    this.key = key;
  }
}

/** Compiles only: it is connected with nothing. */
const compiler = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
});

/** What is asked for less often is not worth the memory that a plan takes on each connection. */
const usesBeforeName = 2;
/** A plan takes some 65 KiB of each connection. */
const namesMax = 100;
let names = 0;

function compileOnce<TParameters extends object, TRow>(
  build: BuildStatement<TParameters, TRow>,
): (parameters: TParameters) => CompiledQuery<TRow> & StatementFacts {
  // Whatever key it asks for is one of the parameters, by its type.
  const slots = new Proxy({}, { get: (_target, key) => sql`${new Slot(String(key))}` });
  const compiled = compileQuery(build(compiler, slots as Placeholders<TParameters>), compiler);
  const values = compiled.parameters;
  let uses = 0;
  let name: string | undefined;
  return (parameters) => {
    uses += 1;
    if (uses > usesBeforeName && name === undefined && names < namesMax) {
      names += 1;
      name = nameOf(compiled.sql);
    }
    const given = parameters as Readonly<Record<string, unknown>>;
    return Object.assign(
      { ...compiled, parameters: values.map((value) => (value instanceof Slot ? given[value.key] : value)) },
      { name },
    );
  };
}

/** As for a statement that runs once. */
function compile<TParameters extends object, TRow>(
  build: BuildStatement<TParameters, TRow>,
  db: Database,
  parameters: TParameters,
): CompiledQuery<TRow> {
  const values = Object.entries(parameters).map(([key, value]) => [key, sql`${value}`]);
  return compileQuery(build(db, Object.fromEntries(values)), db);
}

function compileQuery<TRow>(query: Compilable<TRow> | RawBuilder<TRow>, db: Database): CompiledQuery<TRow> {
  return "isRawBuilder" in query ? query.compile(db) : query.compile();
}

/** Nobody else means another text by it. */
function nameOf(text: string): string {
  return `obsqra_${createHash("sha256").update(text).digest("base64url").slice(0, 16)}`;
}
