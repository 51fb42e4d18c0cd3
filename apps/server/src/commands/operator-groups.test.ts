import { expect, it } from "vitest";
import { accountsCommand } from "./accounts-command.ts";
import { jobsCommand } from "./jobs-command.ts";
import { logCommand } from "./log-command.ts";
import { marketCommand } from "./market-command.ts";
import { modelsCommand } from "./models-command.ts";
import { operatorGroups } from "./operator-groups.ts";
import { protocolsCommand } from "./protocols-command.ts";
import { transactionsCommand } from "./transactions-command.ts";

it.each([
  ["accounts", accountsCommand],
  ["jobs", jobsCommand],
  ["log", logCommand],
  ["market", marketCommand],
  ["models", modelsCommand],
  ["protocols", protocolsCommand],
  ["transactions", transactionsCommand],
] as const)("obsqra %s names the commands that it has", (name, { usage }) => {
  const named = Array.from(usage.matchAll(new RegExp(`pnpm ${name} ([a-z-]+)`, "g")), ([, word]) => word);
  expect(operatorGroups[name]?.commands).toEqual([...new Set(named)]);
});
