import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { recordMigrations } from "@obsqra/db";
import { engines, features } from "./features.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The table of what our migrations and statements use of Postgres, and which engines have it, in Markdown. */
export async function describeEngines(): Promise<string> {
  const migrations = (await recordMigrations())
    .flatMap(({ statements }) => statements)
    .join(";\n")
    .toLowerCase();
  const statements = readStatements().toLowerCase();
  const lines = features.map(({ name, pattern, support }) => {
    const counts = [migrations, statements].map((text) => text.match(pattern)?.length ?? 0);
    return [name, ...counts, ...engines.map((engine) => support[engine])].join(" | ");
  });
  const head = ["what", "in migrations", "in statements", ...engines];
  return [head.join(" | "), head.map(() => "---").join(" | "), ...lines]
    .map((line) => `| ${line} |`)
    .join("\n");
}

/** The sources that send statements, but for migrations and tests. */
function readStatements(): string {
  const files = globSync("{packages/*,apps/*}/src/**/*.ts", {
    cwd: root,
    exclude: ["**/node_modules/**", "**/migrations/**", "**/testing/**", "**/*.test.ts"],
  });
  return files.map((file) => withoutComments(readFileSync(`${root}${file}`, "utf8"))).join("\n");
}

function withoutComments(source: string): string {
  return source.replaceAll(/^\s*(?:\/\/|\*|\/\*).*$/gm, "");
}
