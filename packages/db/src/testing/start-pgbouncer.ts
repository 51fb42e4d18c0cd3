import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { findFreePort } from "./start-postgres.ts";

/** A real connection pooler in front of a Postgres server. */
export interface TestPooler extends AsyncDisposable {
  /** A URL of the server, by way of the pooler. */
  url(direct: string): string;
}

/** Whether this machine has PgBouncer. */
export async function hasPgbouncer(): Promise<boolean> {
  return promisify(execFile)("pgbouncer", ["--version"], { env: searchPath }).then(
    () => true,
    () => false,
  );
}

/** Where distributions put servers that administrators start. */
const searchPath = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/homebrew/bin" };

/** Starts PgBouncer in transaction mode, as distributed otherwise, with so few connections that they are shared. */
export async function startPgbouncer(direct: string): Promise<TestPooler> {
  const { hostname, port: postgresPort, password } = new URL(direct);
  const secret = decodeURIComponent(password);
  const folder = await mkdtemp(join(tmpdir(), "obsqra-pgbouncer-"));
  const port = await findFreePort();
  const ini = `[databases]
* = host=${hostname} port=${postgresPort}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = trust
auth_file = ${join(folder, "users.txt")}
pool_mode = transaction
default_pool_size = 2
`;
  await writeFile(join(folder, "users.txt"), `"obsqra" "${secret}"\n"odd" "${secret}"\n`);
  await writeFile(join(folder, "pgbouncer.ini"), ini);
  await chmod(folder, 0o755);
  // It refuses to run as root.
  const asNobody = process.getuid?.() === 0 ? ["-u", "nobody"] : [];
  const child = spawn("pgbouncer", [...asNobody, join(folder, "pgbouncer.ini")], {
    env: searchPath,
    stdio: "ignore",
  });
  const ended = once(child, "exit");
  while (!(await listens(port))) {
    if (child.exitCode !== null) throw new Error(`pgbouncer ended with ${child.exitCode}.`);
  }
  return {
    url: (target) => {
      const url = new URL(target);
      url.port = String(port);
      return url.href;
    },
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => setTimeout(resolve, 20, false));
  });
}
