import { execFile } from "node:child_process";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { controlPostgres, type PostgresProcess } from "./postgres-process.ts";
import { findFreePort } from "./start-postgres.ts";

/** Starts a server that follows another by streaming, from a copy of its files made while it serves. */
export async function startStandby(primary: PostgresProcess, parent: string): Promise<PostgresProcess> {
  const dataDirectory = await copyFiles(primary, parent);
  await writeFile(join(dataDirectory, "standby.signal"), "");
  const { hostname: host, port, username: user, password } = new URL(primary.url);
  return startCopy(primary, dataDirectory, [
    `primary_conninfo=host=${host} port=${port} user=${user} password=${password}`,
  ]);
}

/**
 * Starts a server from a copy of another's files and the log that this has archived, as it was at a moment.
 *
 * @param dataDirectory made by {@link copyFiles} before that moment
 */
export async function startAtMoment(
  primary: PostgresProcess,
  dataDirectory: string,
  { archive, moment }: { readonly archive: string; readonly moment: string },
): Promise<PostgresProcess> {
  await writeFile(join(dataDirectory, "recovery.signal"), "");
  return startCopy(primary, dataDirectory, [
    `restore_command=cp ${archive}/%f %p`,
    `recovery_target_time=${moment}`,
    "recovery_target_action=promote",
  ]);
}

/** Copies the files of a server while it serves, as `pg_basebackup` does, and gives the data directory that they make. */
export async function copyFiles(primary: PostgresProcess, parent: string): Promise<string> {
  const folder = await mkdtemp(join(parent, "copy-"));
  const dataDirectory = join(folder, "data");
  const client = new pg.Client({ connectionString: primary.url });
  await client.connect();
  // A backup belongs to the session that has begun it.
  await client.query("select pg_backup_start('copy', true)");
  // Files that go while they are copied are named and left out; the log has what was in them.
  await promisify(execFile)("cp", ["-a", primary.dataDirectory, dataDirectory]).catch(() => {});
  const { rows } = await client.query<{ labelfile: string }>("select labelfile from pg_backup_stop(false)");
  await client.end();
  await rm(join(dataDirectory, "postmaster.pid"), { force: true });
  await writeFile(join(dataDirectory, "backup_label"), rows[0]?.labelfile ?? "");
  const { uid, gid } = await stat(dataDirectory);
  await promisify(execFile)("chown", ["-R", `${uid}:${gid}`, folder]);
  return dataDirectory;
}

async function startCopy(
  primary: PostgresProcess,
  dataDirectory: string,
  settings: readonly string[],
): Promise<PostgresProcess> {
  const url = new URL(primary.url);
  url.port = String(await findFreePort());
  const flags = [...primary.program.flags, ...settings.flatMap((setting) => ["-c", setting])];
  const copy = controlPostgres(url.href, dataDirectory, { file: primary.program.file, flags });
  await copy.start();
  return copy;
}
