import { createHash } from "node:crypto";
import { type BigIntStats, constants } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { open } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { MarketSourceError } from "../errors.ts";

/** Options of {@link readFileBytes}. */
export interface ReadFileBytesOptions {
  /** The most bytes the text may have after decompression. */
  maxBytes: number;
  /** Receives the decompressed bytes, in order. */
  onBytes: (chunk: Uint8Array) => void;
  onProgress: (storedBytesRead: number, storedBytesTotal: number) => void;
  signal: AbortSignal | undefined;
  /** Waits, before the file is looked at for the last time, for whoever may still be writing. */
  settle: () => Promise<void>;
}

const gzipMagic = [0x1f, 0x8b] as const;
const chunkBytes = 65_536;

/**
 * SHA-256 of a file's bytes as stored, lower-case hex.
 *
 * @throws MarketSourceError `FILE_NOT_FOUND`, `FILE_UNREADABLE`.
 */
export async function hashFile(path: string): Promise<string> {
  const file = await openFile(path);
  try {
    const hash = createHash("sha256");
    for await (const chunk of file.createReadStream({ autoClose: false })) hash.update(chunk);
    return hash.digest("hex");
  } catch (error) {
    throw wrapReadError(error);
  } finally {
    await file.close();
  }
}

/**
 * Says before anything else is done that there is no file at a path, or none that can be read.
 *
 * @throws MarketSourceError `FILE_NOT_FOUND`, `FILE_UNREADABLE`.
 */
export async function assertReadableFile(path: string): Promise<void> {
  const file = await openFile(path);
  await file.close();
}

/**
 * Streams a file, decompressing it when it starts like gzip, and returns the SHA-256 of the bytes as stored.
 *
 * @throws MarketSourceError `FILE_NOT_FOUND`, `FILE_UNREADABLE`, `FILE_EMPTY`, `FILE_NOT_GZIP`,
 * `FILE_TOO_LARGE`; `FILE_CHANGING` when it is not the same any more in the end.
 */
export async function readFileBytes(path: string, options: ReadFileBytesOptions): Promise<string> {
  const { maxBytes, onBytes, onProgress, signal, settle } = options;
  const file = await openFile(path);
  try {
    const before = await file.stat({ bigint: true });
    const { size, isCompressed } = await inspect(file, path);
    const hash = createHash("sha256");
    let storedBytes = 0;
    let textBytes = 0;

    async function* stored(): AsyncGenerator<Uint8Array> {
      const chunks: AsyncIterable<Uint8Array> = file.createReadStream({
        start: 0,
        autoClose: false,
        highWaterMark: chunkBytes,
      });
      for await (const chunk of chunks) {
        hash.update(chunk);
        storedBytes += chunk.length;
        yield chunk;
      }
    }

    async function consume(chunks: AsyncIterable<Uint8Array>): Promise<void> {
      for await (const chunk of chunks) {
        textBytes += chunk.length;
        if (textBytes > maxBytes) {
          throw new MarketSourceError(
            "FILE_TOO_LARGE",
            `The file holds more than ${maxBytes} bytes after decompression. Split it, or raise the limit if it is trusted.`,
          );
        }
        onBytes(chunk);
        onProgress(storedBytes, size);
      }
    }

    const pipelineOptions = signal === undefined ? {} : { signal };
    if (isCompressed) {
      await pipeline(stored, createGunzip({ chunkSize: chunkBytes }), consume, pipelineOptions);
    } else {
      await pipeline(stored, consume, pipelineOptions);
    }
    await settle();
    assertSame(before, await file.stat({ bigint: true }));
    return hash.digest("hex");
  } catch (error) {
    signal?.throwIfAborted();
    throw wrapReadError(error);
  } finally {
    await file.close();
  }
}

/** Never waits: a pipe would keep whoever opens it until somebody writes, and a device may never end. */
const readWithoutWaiting = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

async function openFile(path: string): Promise<FileHandle> {
  const file = await openPath(path);
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw new MarketSourceError("FILE_UNREADABLE", "The path is not a file. Name a .csv or .csv.gz file.");
}

async function openPath(path: string): Promise<FileHandle> {
  try {
    return await open(path, readWithoutWaiting);
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOENT" || code === "ENOTDIR" || code === "ELOOP" || code === "ENAMETOOLONG") {
      throw new MarketSourceError(
        "FILE_NOT_FOUND",
        "There is no market data file at this path. Check the path.",
        {
          cause: error,
        },
      );
    }
    throw wrapReadError(error);
  }
}

async function inspect(file: FileHandle, path: string): Promise<{ size: number; isCompressed: boolean }> {
  const { size } = await file.stat();
  if (size === 0) {
    throw new MarketSourceError("FILE_EMPTY", "The market data file is empty. It needs a header and rows.");
  }
  const start = new Uint8Array(2);
  await file.read(start, 0, 2, 0);
  const isCompressed = start[0] === gzipMagic[0] && start[1] === gzipMagic[1];
  if (path.endsWith(".gz") && !isCompressed) {
    throw new MarketSourceError(
      "FILE_NOT_GZIP",
      "The file is named .gz but is not gzip-compressed. Compress it, or drop the .gz from its name.",
    );
  }
  return { size, isCompressed };
}

/** A file that was renamed or replaced meanwhile was whole, and so is what was read; one that was written to may be neither. */
function assertSame(before: BigIntStats, after: BigIntStats): void {
  if (before.size === after.size && before.mtimeNs === after.mtimeNs) return;
  throw new MarketSourceError(
    "FILE_CHANGING",
    "The market data file was written to while it was read. Wait until it is whole; it is best written under another name, and then renamed.",
  );
}

function wrapReadError(error: unknown): unknown {
  if (error instanceof MarketSourceError) {
    return error;
  }
  const code = errorCode(error);
  if (code?.startsWith("Z_")) {
    return new MarketSourceError(
      "FILE_NOT_GZIP",
      "The gzip data is damaged or incomplete. Copy or compress the file again.",
      { cause: error },
    );
  }
  if (code !== undefined) {
    return new MarketSourceError(
      "FILE_UNREADABLE",
      "The market data file cannot be read. Check its permissions and the disk.",
      { cause: error },
    );
  }
  return error;
}

function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
