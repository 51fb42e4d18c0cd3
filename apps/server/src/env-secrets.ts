import { readFileSync, statSync } from "node:fs";

/** Variables whose values were read, and what is wrong with others. */
export interface ReadSecrets {
  readonly values: Record<string, string | undefined>;
  readonly problems: readonly string[];
}

/** No setting has as much. */
const bytesMax = 64 * 1024;

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
    const read = readSecret(path);
    if ("problem" in read) problems.push(`${name}_FILE: the file ${path} ${read.problem}`);
    else values[name] = read.text;
  }
  return { values, problems };
}

function readSecret(path: string): { readonly text: string } | { readonly problem: string } {
  try {
    const found = statSync(path);
    // A pipe or a device may have no end, and keep the start waiting for good.
    if (!found.isFile()) return { problem: "is a directory, a pipe or a device, not a file" };
    if (found.size > bytesMax) return { problem: `has more than ${bytesMax} bytes` };
    const text = decodeText(readFileSync(path))?.replace(/\r?\n$/, "");
    if (text === undefined) return { problem: "is not text in UTF-8" };
    return text.trim() === "" ? { problem: "is empty" } : { text };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : error;
    return { problem: `cannot be read (${String(code)})` };
  }
}

/** Undefined for bytes that are not UTF-8, which would all become the same sign, and for a NUL, which no setting may have. */
function decodeText(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return text.includes("\0") ? undefined : text;
  } catch {
    return undefined;
  }
}

/** The URL of a database with a password, whatever characters that has. */
export function withPassword(url: string, password: string | undefined): string {
  if (password === undefined) return url;
  const full = new URL(url);
  full.password = encodeURIComponent(password);
  return full.href;
}
