import {
  type DumpEnd,
  DumpError,
  type DumpPart,
  digestDatabase,
  dumpDatabase,
  loadDump,
  type OpenDatabase,
} from "@obsqra/db";

/**
 * Loads all that one database has into an empty one, of either engine, while it is read.
 *
 * @returns what was moved
 * @throws DumpError when the other is not empty, what is there differs, or the first was written to meanwhile
 */
export async function moveDatabase(
  from: OpenDatabase["db"],
  to: OpenDatabase["db"],
  now: Date,
): Promise<DumpEnd> {
  // Nothing is read ahead: a part has at most a mebibyte of rows.
  const { readable, writable } = new TransformStream<DumpPart, DumpPart>();
  const writer = writable.getWriter();
  const parts = readable[Symbol.asyncIterator]();
  const reading = dumpDatabase(from, { now, take: (part) => writer.write(part) }).then(
    () => writer.close(),
    (error: unknown) => writer.abort(error),
  );
  try {
    const moved = await loadDump(to, { [Symbol.asyncIterator]: () => parts });
    await parts.return?.();
    await reading;
    const { tables } = await digestDatabase(from);
    for (const [name, digest] of Object.entries(moved.tables)) {
      if (JSON.stringify(tables[name]) !== JSON.stringify(digest))
        throw new DumpError(
          `${name} was written to while it was moved. Stop all servers and workers, empty the other database, and move again.`,
        );
    }
    return moved;
  } finally {
    // Where loading has failed, reading ends too.
    await parts.return?.().catch(() => {});
    await reading.catch(() => {});
  }
}
