const internals = [
  /\n\s*at |\\n\s*at |:\d+:\d+\b/, // a line of a stack
  /\/(work|home|root|usr|tmp|app|apps|packages|node_modules)\/|\.[cm]?[jt]s\b|node:/, // a file
  /\b(select|insert into|delete from|update \w+ set|returning|json_to_recordset) /i,
  /duplicate key|violates|constraint|relation "|column "|syntax error|sqlstate|\b\d\d[0-9A-Z]P?\d\d\b(?=")/i,
  /kysely|\bpg\b|postgres|pglite|zod|fastify|FST_|trpc|pino|jose|JW[ST]|argon|bcrypt|undici|ECONN|highs/i,
];

/** The first piece of a text that says how the server is made; undefined when there is none. */
export function findInternals(text: string): string | undefined {
  return internals.map((pattern) => pattern.exec(text)?.[0]).find((piece) => piece !== undefined);
}
