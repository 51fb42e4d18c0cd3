import { once } from "node:events";
import { chmodSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { isAbsolute, join } from "node:path";
import { createInterface } from "node:readline";
import type { OpenDatabase } from "@obsqra/db";
import { z } from "zod";
import { BackupFileError } from "./backup-file-error.ts";
import { writeBackup } from "./write-backup.ts";

/** Longer paths are none of a socket's on any system. */
const pathLengthMax = 100;

/** Where the server that has a data directory is asked for a backup, by whoever may write in that directory. */
function socketPath(dataDirectory: string): string {
  return join(dataDirectory, "backup.sock");
}

const order = z.object({ path: z.string().refine(isAbsolute), recipients: z.array(z.string()) });
const news = z.object({
  progress: z.string().optional(),
  error: z.string().optional(),
  rows: z.int().optional(),
});
type News = z.output<typeof news>;

/**
 * Takes backups of the embedded database, which belongs to this process, for `obsqra backup`, one after the other. The file is written
 * here, so that nobody who asks and then stalls holds the database.
 *
 * @returns undefined where the data directory has too long a name for a socket
 */
export async function serveBackups(
  { db }: Pick<OpenDatabase, "db">,
  dataDirectory: string,
): Promise<AsyncDisposable | undefined> {
  const path = socketPath(dataDirectory);
  if (path.length > pathLengthMax || process.platform === "win32") return undefined;
  let queue: Promise<unknown> = Promise.resolve();
  const server = createServer((socket) => {
    const tell = (said: News) => void (socket.writable && socket.write(`${JSON.stringify(said)}\n`));
    socket.on("error", () => {});
    createInterface({ input: socket }).once("line", (line) => {
      queue = queue.then(() => take(line, tell)).finally(() => socket.end());
    });
  });
  const take = async (line: string, tell: (said: News) => void) => {
    try {
      const { path: file, recipients } = order.parse(JSON.parse(line));
      const tellProgress = (progress: string) => tell({ progress });
      const { tables } = await writeBackup(db, file, { recipients, now: new Date(), tellProgress });
      tell({ rows: Object.values(tables).reduce((sum, { rows }) => sum + rows, 0) });
    } catch (error) {
      tell({ error: error instanceof Error ? error.message : String(error) });
    }
  };
  // Of a server that was killed: the directory is ours alone.
  rmSync(path, { force: true });
  server.listen(path);
  await once(server, "listening");
  chmodSync(path, 0o600);
  server.unref();
  return {
    [Symbol.asyncDispose]: async () => {
      server.close();
      await queue;
    },
  };
}

/**
 * Has the server that runs on a data directory write a backup.
 *
 * @returns how many rows it has; undefined when no server listens there
 * @throws BackupFileError with what the server says
 */
export async function askForBackup(
  dataDirectory: string,
  { path, recipients }: z.output<typeof order>,
  tellProgress: (text: string) => void,
): Promise<number | undefined> {
  const socket = await connectTo(socketPath(dataDirectory));
  if (socket === undefined) return undefined;
  socket.write(`${JSON.stringify({ path, recipients })}\n`);
  for await (const line of createInterface({ input: socket })) {
    const { progress, error, rows } = news.parse(JSON.parse(line));
    if (progress !== undefined) tellProgress(progress);
    if (error !== undefined) throw new BackupFileError(error);
    if (rows !== undefined) return rows;
  }
  throw new BackupFileError("The server has ended before the backup was whole.");
}

function connectTo(path: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path, () => resolve(socket));
    socket.once("error", () => resolve(undefined));
  });
}
