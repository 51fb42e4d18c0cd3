import { format } from "../generate/format.ts";
import { describeEngines } from "./describe-engines.ts";
import { describeShards } from "./describe-shards.ts";

/** docs/engines.md. */
export async function enginesDocument(): Promise<string> {
  const text = `# What other engines accept

What our migrations and statements use of Postgres, how often, and what engines document of it that those go to who outgrow one Postgres
([scale.md](scale.md) says what follows). \`?\` is what their documents do not say, or what was not found there; — is not used. Nothing of this was run on
them. \`pnpm engines\` prints this page.

${await describeEngines()}

## Keys

By which column the rows of each table would be spread, and which of its unique keys lack that column.

${describeShards()}
`;
  return format("docs/engines.md", text);
}
