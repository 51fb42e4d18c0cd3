import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * The secret of a development server: made once and kept in the data directory, so that sessions outlive a restart.
 * Production has to bring its own.
 */
export function developmentSecretKey(
  dataDirectory: string,
  randomBytes: (size: number) => Uint8Array,
): string {
  mkdirSync(dataDirectory, { recursive: true });
  const path = join(dataDirectory, "secret-key");
  const complete = `${path}.${Buffer.from(randomBytes(8)).toString("hex")}`;
  writeFileSync(complete, Buffer.from(randomBytes(32)).toString("hex"), { mode: 0o600 });
  try {
    // Links the whole file or nothing: no reader sees half a key, and when another process was faster, its key counts.
    linkSync(complete, path);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  } finally {
    rmSync(complete);
  }
  return readFileSync(path, "utf8");
}
