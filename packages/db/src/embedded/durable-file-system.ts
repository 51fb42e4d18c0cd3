import { closeSync, fsyncSync, openSync } from "node:fs";
import type { PGlite } from "@electric-sql/pglite";
import { NodeFS } from "@electric-sql/pglite/nodefs";

/** What this uses of Emscripten's file system of the host, which PGlite does not describe. */
interface HostFileSystem {
  stream_ops: { fsync?: (stream: HostStream) => number };
  realPath(node: unknown): string;
}

interface HostStream {
  /** The descriptor of an open file; a directory has none. */
  readonly nfd?: number;
  readonly node: unknown;
}

/**
 * PGlite's files in a directory of the host, where `fsync` is one. As it comes, PGlite turns `fsync` off, and its file system
 * has none: a commit is in the memory of the operating system only, and a power cut takes it. Emscripten calls `fsync` of a
 * file system that has one, and `fdatasync` of none, so Postgres has to be told to use the former.
 */
export class DurableFileSystem extends NodeFS {
  override async init(pglite: PGlite, options: Parameters<NodeFS["init"]>[1]) {
    const { emscriptenOpts } = await super.init(pglite, options);
    const addSync = (module: object) => {
      // Emscripten gives its module to whatever runs before it.
      const { NODEFS: files } = module as { NODEFS: HostFileSystem };
      files.stream_ops.fsync = (stream) => {
        if (stream.nfd === undefined) syncPath(files.realPath(stream.node));
        else fsyncSync(stream.nfd);
        return 0;
      };
    };
    return { emscriptenOpts: { ...emscriptenOpts, preRun: [...(emscriptenOpts.preRun ?? []), addSync] } };
  }
}

/** Writes a file, or the names in a directory, to the disk. Where directories cannot be opened, on Windows, they need not be. */
export function syncPath(path: string): void {
  let descriptor: number;
  try {
    descriptor = openSync(path, "r");
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "EISDIR" || error.code === "EPERM"))
      return;
    throw error;
  }
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
