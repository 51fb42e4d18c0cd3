import { createReadStream } from "node:fs";
import { open, readFile } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { StringDecoder } from "node:string_decoder";
import { createGunzip } from "node:zlib";
import type { DumpPart } from "@obsqra/db";
import { z } from "zod";
import { BackupFileError } from "./backup-file-error.ts";

/** So many characters of rows are given at once, or one row. */
const charactersAtOnce = 1024 * 1024;
/** No row has as many. A file of some kilobytes may unpack to a line without an end. */
const lineLengthMax = 128 * 1024 * 1024;

const digest = z.object({ rows: z.int().min(0), digest: z.string() });

/** What there is besides rows. */
const part = z.union([
  z.object({
    header: z.object({
      format: z.literal("obsqra-backup"),
      version: z.literal(1),
      made_at: z.string(),
      migrations: z.array(z.string()),
    }),
  }),
  z.object({ table: z.string(), columns: z.array(z.string()) }),
  z.object({
    end: z.object({
      tables: z.record(z.string(), digest),
      sequences: z.record(z.string(), z.string().regex(/^-?\d{1,19}$/)),
    }),
  }),
]);

/**
 * Reads a backup part by part.
 *
 * @param identityFiles with the secret keys of age, `AGE-SECRET-KEY-1…`, of which one has to open it where it is encrypted
 * @throws BackupFileError
 */
export async function* readBackup(path: string, identityFiles: readonly string[]): AsyncGenerator<DumpPart> {
  const stored = await openPlain(path, identityFiles);
  const text = createGunzip();
  // What goes wrong before ends the text with it.
  const read = pipeline(stored, text);
  read.catch(() => {});
  let rows: string[] = [];
  let characters = 0;
  try {
    for await (const line of linesOf(text)) {
      if (line.startsWith("[")) {
        rows.push(line);
        characters += line.length;
        if (characters < charactersAtOnce && rows.length < 2_000) continue;
      }
      if (rows.length > 0) yield { rows };
      rows = [];
      characters = 0;
      if (!line.startsWith("[")) yield part.parse(JSON.parse(line));
    }
  } catch (cause) {
    throw new BackupFileError(`${path} is damaged, or no backup of Obsqra.`, { cause });
  }
}

async function* linesOf(text: Readable): AsyncGenerator<string> {
  const decoder = new StringDecoder("utf8");
  let begun = "";
  for await (const bytes of text as AsyncIterable<Buffer>) {
    const [first = "", ...others] = decoder.write(bytes).split("\n");
    begun += first;
    if (begun.length > lineLengthMax) throw new Error("A line is too long.");
    for (const other of others) {
      yield begun;
      begun = other;
    }
  }
  if (begun !== "") yield begun;
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
