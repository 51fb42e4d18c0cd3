import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { parseCheck, runScript } from "./command-line.ts";
import { generateFiles, listOutdated } from "./generate/generated-files.ts";

const help = `Writes what is made from packages/contract: the client's types and examples, the commands of
packages/cli, openapi.json, docs/errors.md and docs/rest.md; and docs/market-file.md, from what reads market files.

Usage: node scripts/generate.ts [--check]

  --check  write nothing; exit with 1 and name the files that are not up to date
  --help   show this text
`;

process.exitCode = await runScript({ help, parse: parseCheck, run });

async function run({ isCheck }: { readonly isCheck: boolean }): Promise<number> {
  const files = generateFiles();
  const outdated = listOutdated(files, readText);
  if (outdated.length === 0) {
    process.stdout.write("All generated files are up to date.\n");
    return 0;
  }
  if (isCheck) {
    process.stderr.write(`Not up to date, run \`pnpm generate\`:\n${outdated.join("\n")}\n`);
    return 1;
  }
  for (const path of outdated) writeText(path, files.get(path) ?? "");
  process.stdout.write(`Written:\n${outdated.join("\n")}\n`);
  return 0;
}

function readText(path: string): string | undefined {
  const location = locate(path);
  // Git may check files out with CRLF on Windows.
  return existsSync(location) ? readFileSync(location, "utf8").replaceAll("\r\n", "\n") : undefined;
}

function writeText(path: string, text: string): void {
  const location = locate(path);
  mkdirSync(dirname(location), { recursive: true });
  writeFileSync(location, text);
}

function locate(path: string): string {
  return fileURLToPath(new URL(`../${path}`, import.meta.url));
}
