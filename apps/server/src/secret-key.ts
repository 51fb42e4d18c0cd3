import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Environment } from "./env.ts";

/** The file with the secret is not one that this server has written. The message says what to do. */
export class SecretKeyError extends Error {
  override readonly name = "SecretKeyError";
}

/**
 * The secret of a development server: made once and kept in the data directory, so that sessions outlive a restart.
 * Production has to bring its own.
 *
 * @throws SecretKeyError when the file holds anything but a whole secret: half a file must not become a secret that can be
 * guessed, and a new one would sign everybody out without a word
 */
export function developmentSecretKey(
  dataDirectory: string,
  randomBytes: (size: number) => Uint8Array,
): string {
  const path = join(dataDirectory, "secret-key");
  const secret = readOrMake(path, randomBytes);
  if (!/^[0-9a-f]{64}$/.test(secret)) {
    throw new SecretKeyError(
      `The file ${path} holds ${secret.length === 0 ? "nothing" : `${secret.length} characters`} instead of a secret of 64 hexadecimal digits.\nRestore it, or remove it: a new one is made then, and everybody signs in again.`,
    );
  }
  return secret;
}

/** The secrets of the configuration, the newest first; those from before a rotation still open what they have sealed. */
export function readSecretKeys(
  env: Pick<Environment, "SECRET_KEY" | "PREVIOUS_SECRET_KEYS" | "DATA_DIRECTORY">,
  randomBytes: (size: number) => Uint8Array,
): readonly [string, ...string[]] {
  const { SECRET_KEY, PREVIOUS_SECRET_KEYS, DATA_DIRECTORY } = env;
  return [SECRET_KEY ?? developmentSecretKey(DATA_DIRECTORY, randomBytes), ...PREVIOUS_SECRET_KEYS];
}

function readOrMake(path: string, randomBytes: (size: number) => Uint8Array): string {
  try {
    mkdirSync(dirname(path), { recursive: true });
    if (!existsSync(path)) writeOnce(path, randomBytes);
    const file = statSync(path);
    // A pipe would keep us waiting until somebody writes, and a device may never end.
    if (!file.isFile() && !file.isDirectory()) throw new SecretKeyError(notAFile(path));
    return readFileSync(path, "utf8").trim();
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause)) throw cause;
    throw new SecretKeyError(
      `The file ${path} cannot be read or made: ${complaints[String(cause.code)] ?? cause.message}.\nMend that, or set SECRET_KEY.`,
      { cause },
    );
  }
}

function notAFile(path: string): string {
  return `${path} is a pipe or a device, and no file.\nPut a file in its place, or set SECRET_KEY.`;
}

const complaints: Readonly<Record<string, string>> = {
  EISDIR: "it is a directory",
  ENOENT: "it is a link that leads nowhere",
  EACCES: "this process may not",
  EPERM: "this process may not",
  ENOTDIR: "its directory is a file",
  EEXIST: "its directory is a file",
};

function writeOnce(path: string, randomBytes: (size: number) => Uint8Array): void {
  const complete = `${path}.${Buffer.from(randomBytes(8)).toString("hex")}`;
  try {
    // On the disk before it has its name, so that no crash leaves an empty one.
    writeFileSync(complete, Buffer.from(randomBytes(32)).toString("hex"), { mode: 0o600, flush: true });
    // Links the whole file or nothing: no reader sees half a key, and when another process was faster, its key counts.
    linkSync(complete, path);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  } finally {
    rmSync(complete, { force: true });
  }
}
