import { createReadStream } from "node:fs";
import { open, readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import type { DumpPart } from "@obsqra/db";
import { BackupFileError } from "./backup-file-error.ts";

/** So many characters of rows are given at once, or one row. */
const charactersAtOnce = 1024 * 1024;

/**
 * Reads a backup part by part.
 *
 * @param identityFiles with the secret keys of age, `AGE-SECRET-KEY-1…`, of which one has to open it where it is encrypted
 * @throws BackupFileError
 */
export async function* readBackup(path: string, identityFiles: readonly string[]): AsyncGenerator<DumpPart> {
  const text = (await openPlain(path, identityFiles)).pipe(createGunzip());
  let rows: string[] = [];
  let characters = 0;
  try {
    for await (const line of createInterface({ input: text, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (line.startsWith("[")) {
        rows.push(line);
        characters += line.length;
        if (characters < charactersAtOnce && rows.length < 2_000) continue;
      }
      if (rows.length > 0) yield { rows };
      rows = [];
      characters = 0;
      // What has another shape, whoever loads it refuses.
      if (!line.startsWith("[")) yield JSON.parse(line) as DumpPart;
    }
  } catch (cause) {
    const isOurs =
      cause instanceof SyntaxError ||
      (cause instanceof Error && "code" in cause && /^Z_/.test(String(cause.code)));
    if (!isOurs) throw cause;
    throw new BackupFileError(`${path} is damaged, or no backup of Obsqra.`, { cause });
  }
}

async function openPlain(path: string, identityFiles: readonly string[]): Promise<Readable> {
  const stored = createReadStream(path);
  if (!(await isEncrypted(path))) return stored;
  if (identityFiles.length === 0)
    throw new BackupFileError(`${path} is encrypted: name the file with your secret key by --identity.`);
  const { Decrypter } = await import("age-encryption");
  const decrypter = new Decrypter();
  for (const file of identityFiles) {
    const keys = (await readFile(file, "utf8")).match(/^AGE-SECRET-KEY-\S+$/gm);
    if (keys === null) throw new BackupFileError(`${file} has no secret key of age, AGE-SECRET-KEY-1…`);
    for (const key of keys) decrypter.addIdentity(key);
  }
  try {
    return Readable.fromWeb(await decrypter.decrypt(Readable.toWeb(stored) as ReadableStream<Uint8Array>));
  } catch (cause) {
    throw new BackupFileError(`None of these keys opens ${path}.`, { cause });
  }
}

async function isEncrypted(path: string): Promise<boolean> {
  const mark = "age-encryption.org/v1";
  const file = await open(path, "r").catch((cause: unknown) => {
    throw new BackupFileError(`${path} cannot be read.`, { cause });
  });
  const { buffer } = await file.read(Buffer.alloc(mark.length), 0, mark.length, 0);
  await file.close();
  return buffer.toString() === mark;
}
