import { existsSync, readFileSync } from "node:fs";
import { parseEnv } from "node:util";

/** A `.env` file cannot be read as it is. The message says what to do. */
export class EnvFileError extends Error {
  override readonly name = "EnvFileError";
}

/**
 * The variables of a `.env` file, none where there is no such file. It is text as editors write it: UTF-8, with or without a mark in
 * front, or UTF-16 with one, and with line ends of any system. Node's own reader takes it for UTF-8 without a mark, and would lose the
 * first variable, or all of them, without a word.
 *
 * @throws EnvFileError
 */
export function readEnvFile(path: string): Record<string, string | undefined> {
  if (!existsSync(path)) return {};
  return parseEnv(decode(read(path), path).replaceAll(/\r\n?/g, "\n"));
}

function read(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    const why =
      code === "EISDIR"
        ? "it is a directory, such as Docker makes in the place of a file that is not there"
        : `this process may not, or the disk fails (${String(code)})`;
    throw new EnvFileError(`cannot be read: ${why}`, { cause });
  }
}

function decode(bytes: Uint8Array, path: string): string {
  const [first, second] = bytes;
  const encoding =
    first === 0xff && second === 0xfe ? "utf-16le" : first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
  const advice = `is not the text of variables: save ${path} as UTF-8`;
  try {
    // Drops the mark.
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
    if (text.includes("\0")) throw new EnvFileError(advice);
    return text;
  } catch (cause) {
    throw cause instanceof EnvFileError ? cause : new EnvFileError(advice, { cause });
  }
}
