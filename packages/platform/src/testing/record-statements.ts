import type { Database } from "@obsqra/db";

/** The database, with a record of the statements that were sent to it, as SQL without the values. */
export function recordStatements(db: Database): {
  db: Database;
  statements: string[];
  parameters: (readonly unknown[])[];
} {
  const statements: string[] = [];
  const parameters: (readonly unknown[])[] = [];
  const recording = db.withPlugin({
    transformQuery: ({ node, queryId }) => {
      const compiled = db.getExecutor().compileQuery(node, queryId);
      statements.push(compiled.sql);
      parameters.push(compiled.parameters);
      return node;
    },
    transformResult: async ({ result }) => result,
  });
  return { db: recording, statements, parameters };
}
