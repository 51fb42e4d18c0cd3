import { PGlite } from "@electric-sql/pglite";
async function snapshot(options: object) {
  const first = await PGlite.create(options);
  const snap = new Blob([Buffer.from(await (await first.dumpDataDir("none")).arrayBuffer())]);
  await first.close();
  console.log("snapshot MB", snap.size/1e6);
  return snap;
}
const variants: Record<string, Blob> = {
  "128MB": await snapshot({}),
  "16MB": await snapshot({ postgresqlconf: ["shared_buffers = 16MB"] }),
  "1MB, no wal recycle": await snapshot({ postgresqlconf: ["shared_buffers = 4MB", "fsync = off", "min_wal_size=32MB", "max_wal_size=32MB"] }),
};
const cpu: Record<string, number[]> = {};
for (let i = 0; i < 8; i++) for (const [name, loadDataDir] of Object.entries(variants)) {
  const c = process.cpuUsage();
  const p = await PGlite.create({ loadDataDir });
  if (i === 0) console.log(name, (await p.query("show shared_buffers")).rows);
  await p.query("select 1");
  await p.close();
  const d = process.cpuUsage(c); (cpu[name] ??= []).push((d.user + d.system) / 1000);
}
for (const [n, c] of Object.entries(cpu)) console.log(n, "cpu ms min/median", c.sort((a,b)=>a-b)[0]?.toFixed(0), c[4]?.toFixed(0));
