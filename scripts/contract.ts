import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { runScript, UsageError } from "./command-line.ts";
import { compareContracts } from "./contract/compare-contracts.ts";
import { type ContractDescription, describeContract } from "./contract/describe-contract.ts";
import { type Judgement, judgeChanges, readDeclarations } from "./contract/judge-changes.ts";
import { format } from "./generate/format.ts";

const help = `Compares the contract with the one that was released last, and fails on a breaking change that is not declared.

Usage: pnpm contract [release] [--released FOLDER]

  release            makes today's contract the one that was released last, and forgets the declared changes

  --released FOLDER  where contract.json and breaking-changes.json are; packages/contract/released by default
  --help             shows this text

A breaking change that is meant is declared in breaking-changes.json, by its id as it is shown here, with the reason:
[{ "id": "transactions.list input.limit: maximum 100 -> 50", "reason": "..." }]
`;

const releasedFolder = fileURLToPath(new URL("../packages/contract/released", import.meta.url));

process.exitCode = await runScript({ help, parse, run });

interface ContractCommand {
  readonly isRelease: boolean;
  readonly folder: string;
}

function parse(): ContractCommand | undefined {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { released: { type: "string" }, help: { type: "boolean" } },
  });
  const [command, ...rest] = positionals;
  if (values.help) return undefined;
  if (rest.length > 0 || (command !== undefined && command !== "release")) {
    throw new UsageError(`What is ${positionals.join(" ")} for?`);
  }
  return { isRelease: command === "release", folder: values.released ?? releasedFolder };
}

async function run({ isRelease, folder }: ContractCommand): Promise<number> {
  return isRelease ? release(folder) : compare(folder);
}

function release(folder: string): number {
  const text = format("packages/contract/released/contract.json", JSON.stringify(describeContract()));
  writeFileSync(join(folder, "contract.json"), text);
  writeFileSync(join(folder, "breaking-changes.json"), "[]\n");
  process.stdout.write("Today's contract is the one that was released last.\n");
  return 0;
}

function compare(folder: string): number {
  // Written by this script.
  const released = JSON.parse(readFileSync(join(folder, "contract.json"), "utf8")) as ContractDescription;
  const declarations = readDeclarations(readFileSync(join(folder, "breaking-changes.json"), "utf8"));
  const judgement = judgeChanges(compareContracts(released, describeContract()), declarations);
  process.stdout.write(printJudgement(judgement));
  const { undeclared, unmatched } = judgement;
  if (undeclared.length === 0 && unmatched.length === 0) return 0;
  if (undeclared.length > 0) {
    process.stderr.write(`Breaking, and not declared in breaking-changes.json:\n${printList(undeclared)}`);
  }
  if (unmatched.length > 0) {
    const ids = unmatched.map(({ id }) => id);
    process.stderr.write(`Declared in breaking-changes.json, but no breaking change:\n${printList(ids)}`);
  }
  return 1;
}

function printJudgement({ compatible, declared, undeclared }: Judgement): string {
  if (compatible.length + declared.length + undeclared.length === 0) {
    return "The contract is the one that was released last.\n";
  }
  const breaks = declared.map(({ id, reason }) => `${id}\n    ${reason}`);
  return [
    compatible.length === 0 ? "" : `Compatible:\n${printList(compatible)}`,
    breaks.length === 0 ? "" : `Breaking, and declared:\n${printList(breaks)}`,
  ].join("");
}

function printList(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}\n`).join("");
}
