import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * The secret of a development server: made once and kept in the data directory, so that sessions outlive a restart.
 * Production has to bring its own.
 */
export function developmentSecretKey(
  dataDirectory: string,
  randomBytes: (size: number) => Uint8Array,
): string {
  const path = join(dataDirectory, "secret-key");
  mkdirSync(dataDirectory, { recursive: true });
  try {
    // "wx" fails when another process was faster; its key counts then.
    writeFileSync(path, Buffer.from(randomBytes(32)).toString("hex"), { flag: "wx", mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
  return readFileSync(path, "utf8");
}
