import { migrations } from "./migrate.ts";
import { openDatabase } from "./open-database.ts";

/** A migration with its statements, as SQL in one line each, without comments. */
export interface RecordedMigration {
  readonly name: string;
  readonly statements: readonly string[];
}

/** Runs all migrations on an embedded database in memory, and records what they send. */
export async function recordMigrations(): Promise<readonly RecordedMigration[]> {
  const { db, close } = await openDatabase({ snapshot: undefined });
  const recorded: RecordedMigration[] = [];
  for (const [name, { up }] of Object.entries(migrations)) {
    const statements: string[] = [];
    const recording = db.withPlugin({
      transformQuery: ({ node, queryId }) => {
        statements.push(inOneLine(db.getExecutor().compileQuery(node, queryId).sql));
        return node;
      },
      transformResult: async ({ result }) => result,
    });
    // Migrations are written for a schema that they do not know yet.
    await up(recording as unknown as Parameters<typeof up>[0]);
    recorded.push({ name, statements });
  }
  await close();
  return recorded;
}

/** Without comments, quotes around names, and what is in the bodies of functions. */
function inOneLine(sql: string): string {
  return sql
    .replaceAll(/--[^\n]*/g, "")
    .replaceAll('"', "")
    .replaceAll(/\s+/g, " ")
    .trim();
}
