import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const schema = fileURLToPath(new URL("../../packages/db/src/schema.txt", import.meta.url));

/** By which column rows would be spread, the first that a table has. */
const keys = ["owner_id", "user_id", "market_id"] as const;

/** The table of shard keys, in Markdown: which tables have which, and which of their unique keys lack it. */
export function describeShards(): string {
  const columns = new Map<string, Set<string>>();
  const uniqueKeys: { readonly table: string; readonly columns: string }[] = [];
  for (const line of readFileSync(schema, "utf8").split("\n")) {
    const [, table, column] = /^(\w+)\.(\w+) \w/.exec(line) ?? [];
    if (table !== undefined && column !== undefined)
      columns.set(table, (columns.get(table) ?? new Set()).add(column));
    const [, owner, key] = /^(\w+) (?:PRIMARY KEY|UNIQUE) \((.*?)\)/.exec(line) ?? [];
    if (owner !== undefined && key !== undefined) uniqueKeys.push({ table: owner, columns: key });
  }
  const keyOf = (table: string) => keys.find((key) => columns.get(table)?.has(key));
  const tablesBy = (key: string | undefined) =>
    [...columns.keys()].filter((table) => keyOf(table) === key).sort();
  const lines = [...keys, undefined].map((key) => {
    const tables = tablesBy(key);
    const lacking = uniqueKeys.filter(
      ({ table, columns: names }) => key !== undefined && tables.includes(table) && !names.includes(key),
    );
    const shown = lacking.map(({ table, columns: names }) => `${table} (${names})`).join(", ");
    return [key ?? "none: a reference table, or one node's", tables.join(", "), shown || "—"].join(" | ");
  });
  const head = ["key", "tables", "unique keys without it"];
  return [head.join(" | "), head.map(() => "---").join(" | "), ...lines]
    .map((line) => `| ${line} |`)
    .join("\n");
}
