import type { BenchmarkRow } from "../../../../scripts/bench/benchmark.ts";
import { apiCalls, type Caller, requestsOf } from "./calls.ts";
import type { Clients } from "./clients.ts";
import { connections } from "./measure-calls.ts";
import { type ServerProcess, startOurs } from "./server-process.ts";
import { settings, type World } from "./start-world.ts";

const residentMaxMb = { postgres: 250, embedded: 320 } as const;

/** What our server on Postgres is resident in, after what was measured of it. */
export async function memoryOnPostgres({ servers }: World): Promise<BenchmarkRow> {
  return memoryRow("on Postgres, after all rounds", await servers.rest.residentMb(), residentMaxMb.postgres);
}

/** What an embedded server of its own is resident in, after so many seconds of each call. */
export async function memoryEmbedded(
  { world, clients }: { readonly world: World; readonly clients: Clients },
  seconds: number,
): Promise<BenchmarkRow> {
  const { folder, marketFile } = world;
  const variables = { ...settings, MARKET_FILE: marketFile, DATA_DIRECTORY: `${folder}/embedded` };
  await using embedded = await startOurs({ folder, name: "ours-embedded", variables });
  const caller = await register(embedded);
  for (const call of apiCalls) {
    const template = call.targets.rest ?? call.targets.trpc;
    if (template === undefined) continue;
    const requests = requestsOf(template, [caller], world.source);
    await clients.load({ server: embedded, connections, requests, until: { seconds } });
  }
  const megabytes = await embedded.residentMb();
  return memoryRow(
    `embedded, after ${seconds} s of each call of one user`,
    megabytes,
    residentMaxMb.embedded,
  );
}

function memoryRow(where: string, megabytes: number, max: number): BenchmarkRow {
  const measured = Number.isNaN(megabytes) ? "not known here" : `${megabytes.toFixed(0)} MB`;
  return { work: `resident, ${where}`, measured, bar: `≤ ${max} MB`, met: megabytes <= max, peer: "" };
}

async function register({ url }: ServerProcess): Promise<Caller> {
  const account = { email: "ada@example.org", password: "correct horse battery staple", full_name: "Ada" };
  const response = await fetch(`${url}/api/v1/auth/register`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(account),
  });
  const body = await response.text();
  if (!response.ok) throw new Error(`The embedded server registers nobody: ${body}`);
  const { access_token } = JSON.parse(body) as { access_token: string };
  return { user_id: "", address: "10.0.0.1", authorization: `Bearer ${access_token}` };
}
