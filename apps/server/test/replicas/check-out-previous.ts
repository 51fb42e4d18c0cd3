import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { repositoryRoot } from "../process/script-parameters.ts";

const run = promisify(execFile);

/** An earlier version of the repository, with what it needs installed. */
export interface Checkout extends AsyncDisposable {
  readonly root: string;
  /** What it is called, or its commit. */
  readonly name: string;
  /** The names of its migrations. */
  readonly migrations: readonly string[];
}

/** The newest release, by its tag; where there is none, what there was before the newest migration came. */
export async function checkOutPrevious(): Promise<Checkout> {
  const name = (await newestTag()) ?? `${await commitOfNewestMigration()}^`;
  const root = await mkdtemp(join(tmpdir(), "obsqra-previous-"));
  const archive = join(root, "archive.tar");
  await git("archive", "--output", archive, name);
  await run("tar", ["-xf", archive, "-C", root]);
  await rm(archive);
  const install = ["pnpm", "install", "--frozen-lockfile", "--prefer-offline"];
  await run("npx", install, { cwd: root, maxBuffer: 1 << 26 });
  const files = await git("ls-tree", "--name-only", name, "packages/db/src/migrations/");
  return {
    root,
    name,
    migrations: files.flatMap((file) => /(\d{4}-[\w-]+)\.ts$/.exec(file)?.[1] ?? []),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}

async function newestTag(): Promise<string | undefined> {
  const [newest] = await git("tag", "--list", "v*", "--sort=-version:refname");
  return newest;
}

async function commitOfNewestMigration(): Promise<string> {
  const added = [
    "--diff-filter=A",
    "--format=%H",
    "--max-count=1",
    "--",
    "packages/db/src/migrations/[0-9]*.ts",
  ];
  const [commit] = await git("log", ...added);
  if (commit === undefined) throw new Error("Nothing is known of earlier versions here.");
  return commit;
}

async function git(...parameters: string[]): Promise<string[]> {
  const { stdout } = await run("git", parameters, { cwd: repositoryRoot });
  return stdout.split("\n").filter(Boolean);
}
