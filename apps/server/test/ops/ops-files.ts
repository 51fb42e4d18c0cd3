import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The root of the repository. */
export const repository = fileURLToPath(new URL("../../../../", import.meta.url));

/** A file of the repository, as text. */
export function readRepositoryFile(path: string): string {
  return readFileSync(`${repository}${path}`, "utf8");
}

/** The names of our metrics in files, without what a histogram adds. */
export function metricsNamedIn(pattern: string): ReadonlySet<string> {
  const names = globSync(pattern, { cwd: repository }).flatMap((file) =>
    [...readRepositoryFile(file).matchAll(/\bobsqra_[a-z0-9_]+/g)].map(([name]) => name),
  );
  return new Set(names.map((name) => name.replace(/_(bucket|count|sum)$/, "")));
}
