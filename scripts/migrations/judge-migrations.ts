import { contracting, type RecordedMigration } from "@obsqra/db";
import type { MigrationException } from "./migration-exceptions.ts";

/** What servers of the version before may not bear. */
export interface Finding {
  readonly migration: string;
  readonly rule: Rule;
  readonly statement: string;
}

export type Rule = keyof typeof rules;

/**
 * Expand, migrate, contract: what a migration does to tables that there were before. The version before goes on reading and writing
 * them while it runs and afterwards.
 */
export const rules = {
  "drops a table": /^drop table/,
  "drops a column": /^alter table .*\bdrop column\b/,
  renames: /^alter table .*\brename column\b|^alter table \S+ rename to\b/,
  "changes a type": /^alter table .*\balter column \S+ (?:set data )?type\b/,
  "requires a value": /^alter table .*\bset not null\b/,
  "adds a column without a default":
    /\badd column \S+ (?:(?!,\s*add ).)*\bnot null\b(?!(?:(?!,\s*add ).)*\b(?:default|generated)\b)/,
  "takes a default away": /^alter table .*\bdrop default\b/,
  "refuses rows": /^alter table .*\badd (?:constraint|check|unique|foreign key)\b/,
  "refuses duplicates": /^create unique index/,
  "deletes rows": /^(?:delete from|truncate)\b/,
  "adds a trigger": /^create (?:or replace )?(?:constraint )?trigger/,
  "drops a function": /^drop function/,
} as const;

/** Finds them. What is done to a table that the same migration creates concerns nobody. */
export function judgeMigrations(migrations: readonly RecordedMigration[]): readonly Finding[] {
  return migrations.flatMap(({ name, statements }) => {
    const created = new Set<string>();
    const findings: Finding[] = [];
    for (const statement of statements) {
      const text = statement.toLowerCase();
      const table = /^create (?:unlogged )?table (?:if not exists )?(\S+)/.exec(text)?.[1];
      if (table !== undefined) created.add(table);
      if (created.has(tableOf(text) ?? "")) continue;
      for (const [rule, pattern] of Object.entries(rules) as [Rule, RegExp][])
        if (pattern.test(text)) findings.push({ migration: name, rule, statement });
    }
    return findings;
  });
}

/** What takes away what the version before uses: no trigger or default makes that good. */
const takesAway: ReadonlySet<Rule> = new Set([
  "drops a table",
  "drops a column",
  "renames",
  "changes a type",
  "drops a function",
]);

/** Says of each finding that nothing excuses what to do, and of each exception that nothing needs that it can go. */
export function explainFindings(
  findings: readonly Finding[],
  exceptions: Readonly<Record<string, MigrationException>>,
): readonly string[] {
  const isExcused = ({ migration, rule }: Finding) =>
    exceptions[migration]?.rules.includes(rule) === true ||
    (takesAway.has(rule) && contracting.test(migration));
  const problems = findings
    .filter((finding) => !isExcused(finding))
    .map(({ migration, rule, statement }) => {
      const advice = takesAway.has(rule)
        ? "Do it one release later, in a migration called NNNN-contract-…, once no version uses it."
        : "Say in scripts/migrations/migration-exceptions.ts why the version before bears it, or do it in steps.";
      return `${migration} ${rule}: ${statement.slice(0, 100)}\n  ${advice}`;
    });
  const unused = Object.entries(exceptions).flatMap(([migration, { rules: excused }]) =>
    excused
      .filter((rule) => !findings.some((each) => each.migration === migration && each.rule === rule))
      .map((rule) => `${migration} does nothing that "${rule}" finds: take the exception away.`),
  );
  return [...problems, ...unused];
}

/** The table that a statement is about. */
function tableOf(text: string): string | undefined {
  const patterns = [
    /^(?:alter|drop) table (?:if exists )?(?:only )?([^\s(;]+)/,
    /^create unique index .*? on (?:only )?([^\s(;]+)/,
    /^create .*?trigger .*? on ([^\s(;]+)/,
    /^(?:delete from|truncate(?: table)?) ([^\s(;]+)/,
  ];
  return patterns.map((pattern) => pattern.exec(text)?.[1]).find((table) => table !== undefined);
}
