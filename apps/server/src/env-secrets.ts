import { readFileSync } from "node:fs";

/** Variables whose values were read, and what is wrong with others. */
export interface ReadSecrets {
  readonly values: Record<string, string | undefined>;
  readonly problems: readonly string[];
}

/**
 * Reads settings that are given as files, as orchestrators mount secrets: `SECRET_KEY_FILE` names a file whose text is `SECRET_KEY`, and so for
 * every setting. A line end at its end does not count.
 */
export function readSecretFiles(
  given: Readonly<Record<string, string | undefined>>,
  names: readonly string[],
): ReadSecrets {
  const values: Record<string, string | undefined> = { ...given };
  const problems: string[] = [];
  for (const name of names) {
    const path = given[`${name}_FILE`];
    if (path === undefined) continue;
    if (given[name] !== undefined) {
      problems.push(`${name}_FILE: leave it out, or ${name}: both are set`);
      continue;
    }
    try {
      const text = readFileSync(path, "utf8").replace(/\r?\n$/, "");
      if (text.trim() === "") problems.push(`${name}_FILE: the file ${path} is empty`);
      else values[name] = text;
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : error;
      problems.push(`${name}_FILE: the file ${path} cannot be read (${String(code)})`);
    }
  }
  return { values, problems };
}

/** The URL of a database with a password, whatever characters that has. */
export function withPassword(url: string, password: string | undefined): string {
  if (password === undefined) return url;
  const full = new URL(url);
  full.password = encodeURIComponent(password);
  return full.href;
}
