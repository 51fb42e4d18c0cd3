import { execFile } from "node:child_process";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { controlPostgres, type PostgresProcess } from "./postgres-process.ts";
import { findFreePort } from "./start-postgres.ts";

/** Starts a server that follows another by streaming, from a copy of its files made while it serves. */
export async function startStandby(primary: PostgresProcess, parent: string): Promise<PostgresProcess> {
  const folder = await mkdtemp(join(parent, "standby-"));
  const dataDirectory = join(folder, "data");
  const client = new pg.Client({ connectionString: primary.url });
  await client.connect();
  // A backup belongs to the session that has begun it.
  await client.query("select pg_backup_start('standby', true)");
  // Files that go while they are copied are named and left out; the log has what was in them.
  await promisify(execFile)("cp", ["-a", primary.dataDirectory, dataDirectory]).catch(() => {});
  const { rows } = await client.query<{ labelfile: string }>("select labelfile from pg_backup_stop(false)");
  await client.end();
  await rm(join(dataDirectory, "postmaster.pid"), { force: true });
  await writeFile(join(dataDirectory, "backup_label"), rows[0]?.labelfile ?? "");
  await writeFile(join(dataDirectory, "standby.signal"), "");
  const { uid, gid } = await stat(dataDirectory);
  await promisify(execFile)("chown", ["-R", `${uid}:${gid}`, folder]);
  const url = new URL(primary.url);
  const { hostname: host, port, username: user, password } = url;
  url.port = String(await findFreePort());
  const standby = controlPostgres(url.href, dataDirectory, {
    file: primary.program.file,
    flags: [
      ...primary.program.flags,
      "-c",
      `primary_conninfo=host=${host} port=${port} user=${user} password=${password}`,
    ],
  });
  await standby.start();
  return standby;
}
