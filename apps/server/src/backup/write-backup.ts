import { once } from "node:events";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { type DumpEnd, type DumpPart, dumpDatabase, type OpenDatabase } from "@obsqra/db";
import { BackupFileError } from "./backup-file-error.ts";

/** What a backup is written with. */
export interface BackupOptions {
  /** Who alone can read it, as `age1…`. @default everybody who has the file */
  readonly recipients: readonly string[];
  readonly now: Date;
  readonly tellProgress: (text: string) => void;
}

/**
 * Writes the whole database, as it was at one moment, into a file that only its owner may read: JSON lines, compressed by gzip, and for
 * recipients encrypted by age. The file has its name once it is whole and on the disk; until then it ends in `.part`.
 *
 * @throws BackupFileError when there is such a file already, or it cannot be written
 */
export async function writeBackup(
  db: OpenDatabase["db"],
  path: string,
  { recipients, now, tellProgress }: BackupOptions,
): Promise<DumpEnd> {
  await assertNew(path);
  const unfinished = `${path}.part`;
  const file = await makeFile(unfinished);
  const lines = createGzip({ level: 6 });
  const stored = (async () => {
    const written = file.createWriteStream({ flush: true });
    try {
      await pipeline(recipients.length === 0 ? lines : await encrypt(lines, recipients), written);
    } finally {
      written.destroy();
    }
  })();
  stored.catch(() => {});
  const write = async (text: string) => {
    if (!lines.write(text)) await Promise.race([once(lines, "drain"), stored]);
  };
  let table: string | undefined;
  try {
    const take = async (part: DumpPart) => {
      if ("rows" in part) return write(part.rows.map((row) => `${row}\n`).join(""));
      if ("table" in part) {
        if (table !== undefined) tellProgress(`Read ${table}.\n`);
        table = part.table;
      }
      return write(`${JSON.stringify(part)}\n`);
    };
    const end = await dumpDatabase(db, { now, take });
    lines.end();
    await stored;
    await rename(unfinished, path);
    return end;
  } catch (error) {
    lines.destroy();
    await stored.catch(() => {});
    await rm(unfinished, { force: true });
    const code = fileErrorCode(error);
    if (code === undefined) throw error;
    throw new BackupFileError(`${path} cannot be written (${code}).`, { cause: error });
  }
}

/**
 * Makes a file that nobody else has put there: through a link, or with permissions of its maker, others would read all data, or lose what
 * the link leads to.
 */
async function makeFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, "wx", 0o600);
  } catch (cause) {
    const code = fileErrorCode(cause);
    if (code === "EEXIST") {
      const text = `There is a file ${path}: a backup is being written, or was cut off. Remove it, or choose another name.`;
      throw new BackupFileError(text, { cause });
    }
    if (code === undefined) throw cause;
    throw new BackupFileError(`${path} cannot be written (${code}).`, { cause });
  }
}

function fileErrorCode(error: unknown): string | undefined {
  return error instanceof Error && "syscall" in error && "code" in error ? String(error.code) : undefined;
}

async function assertNew(path: string): Promise<void> {
  const there = await open(path, "r").catch(() => undefined);
  if (there === undefined) return;
  await there.close();
  throw new BackupFileError(`There is a file ${path} already. Choose another name.`);
}

async function encrypt(plain: Readable, recipients: readonly string[]): Promise<Readable> {
  const { Encrypter } = await import("age-encryption");
  const encrypter = new Encrypter();
  for (const recipient of recipients) {
    try {
      encrypter.addRecipient(recipient);
    } catch (cause) {
      throw new BackupFileError(`${recipient} is no recipient of age: use the public key, age1…`, { cause });
    }
  }
  return Readable.fromWeb(await encrypter.encrypt(Readable.toWeb(plain) as ReadableStream<Uint8Array>));
}
