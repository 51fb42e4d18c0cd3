import { globSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { runScript } from "./command-line.ts";
import { importExceptions } from "./imports/import-exceptions.ts";
import { exceptionFor, explainFile, judgeImport, resolveImport } from "./imports/judge-imports.ts";
import { readImports } from "./imports/read-imports.ts";

const help = `Checks the arrows between packages, features and layers: that every import of every source file is allowed by
scripts/imports/import-rules.ts. Exits with 1, naming what is wrong and what to do instead.

Usage: node scripts/check-imports.ts [--explain PATH]

  --explain PATH  show what a file may import; the file need not exist
  --help          show this text
`;

process.exitCode = await runScript({ help, parse, run });

function parse() {
  const { values } = parseArgs({ options: { help: { type: "boolean" }, explain: { type: "string" } } });
  return values.help ? undefined : { explained: values.explain };
}

async function run({ explained }: { readonly explained: string | undefined }): Promise<number> {
  const root = join(import.meta.dirname, "..");
  if (explained !== undefined) {
    const file = toPosix(relative(root, explained));
    process.stdout.write(`${file}\n${explainFile(file).join("\n")}\n`);
    return 0;
  }
  const { imports, problems } = checkTree(root);
  if (problems.length > 0) {
    process.stderr.write(`${problems.join("\n")}\n`);
    return 1;
  }
  process.stdout.write(`All ${imports} imports follow scripts/imports/import-rules.ts.\n`);
  return 0;
}

function checkTree(root: string): { imports: number; problems: string[] } {
  const unused = new Set(importExceptions);
  const problems: string[] = [];
  let imports = 0;
  for (const file of listSources(root)) {
    for (const { line, specifier } of readImports(file, readFileSync(join(root, file), "utf8"))) {
      imports += 1;
      const exception = exceptionFor(file, resolveImport(file, specifier));
      if (exception !== undefined) unused.delete(exception);
      const verdict = judgeImport(file, specifier);
      if (verdict === undefined) continue;
      problems.push(`${file}:${line} imports ${specifier}: ${verdict.rule}. ${verdict.instead}`);
    }
  }
  for (const { files, imports: target } of unused) {
    problems.push(
      `scripts/imports/import-rules.ts: no import needs the exception ${files} -> ${target}. Remove it.`,
    );
  }
  return { imports, problems };
}

function listSources(root: string): string[] {
  const files = globSync("{apps,packages,scripts}/**/*.{ts,tsx}", {
    cwd: root,
    exclude: (path) => /(^|[\\/])(node_modules|dist)$/.test(path),
  });
  return files.map(toPosix).sort();
}

function toPosix(path: string): string {
  return path.replaceAll("\\", "/");
}
