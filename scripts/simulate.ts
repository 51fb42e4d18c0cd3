import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { makeUpHistory, readPools } from "../apps/server/test/simulate/feed.ts";
import {
  isGood,
  runSimulation,
  type SimulationOutcome,
} from "../apps/server/test/simulate/run-simulation.ts";
import { readEngine, readWholeNumber, runScript } from "./command-line.ts";

const help = `Lets a service live for weeks in minutes: its clock is moved from day to day, its feed shows a market file day by day and
fails on some days, a process is killed (SIGKILL) each week, and users ask for advice and log transactions, of which a receiver of
webhooks is told that fails, hangs and breaks off on some days. On Postgres it is
two servers that leave their jobs to a worker, else one server with its embedded database.
Exits with 1 unless every day with a feed has forecasts within an hour, every forecast that has matured its outcome, every
moment of a job one run, every transaction its outcome, every webhook each event once by its id and in order, every mail that was to
be sent came once by its id, whoever follows saw each event once and in order, nothing is there twice, nobody was told to move twice
within three days, and nobody was refused advice.

Usage: pnpm simulate [--days 60] [--data FILE] [--markets 40] [--users 3] [--engine pglite|postgres] [--json]

  --days     days to live through
  --data     market file as for MARKET_FILE, of whose newest days the feed shows one each day. Default: made up
  --markets  how many of its markets, those that were observed the longest
  --users    how many users ask each day
  --engine   one of them only. Default: both, one after the other
  --json     prints what came of it as JSON, too
  --help     shows this text
`;

/** Days of history before the first day. */
const historyDays = 150;

interface Options {
  readonly days: number;
  readonly data: string | undefined;
  readonly markets: number;
  readonly users: number;
  readonly engines: readonly ("pglite" | "postgres")[];
  readonly isJson: boolean;
}

function parse(): Options | undefined {
  const { values } = parseArgs({
    options: {
      days: { type: "string", default: "60" },
      data: { type: "string" },
      markets: { type: "string", default: "40" },
      users: { type: "string", default: "3" },
      engine: { type: "string" },
      json: { type: "boolean", default: false },
      help: { type: "boolean" },
    },
  });
  if (values.help) return undefined;
  return {
    days: readWholeNumber("days", values.days, 10),
    data: values.data,
    markets: readWholeNumber("markets", values.markets, 4),
    users: readWholeNumber("users", values.users, 1),
    engines: values.engine === undefined ? ["pglite", "postgres"] : [readEngine(values.engine)],
    isJson: values.json,
  };
}

async function run({ days, data, markets, users, engines, isJson }: Options): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "obsqra-simulate-"));
  try {
    const file = data ?? join(folder, "made-up.csv");
    if (data === undefined) {
      await makeUpHistory(file, { markets, days: historyDays + days });
    }
    const pools = await readPools(file, { markets, days: days + historyDays });
    print(`${pools.length} markets of ${data ?? "a made-up file"}, ${days} days.`);
    const outcomes: [string, SimulationOutcome][] = [];
    for (const engine of engines) {
      print(engine === "pglite" ? "One server, embedded database:" : "Two servers and a worker on Postgres:");
      const hours = [0, 9, 18];
      const options = { engine, pools, days, users, hours, horizonDays: 7, killEvery: 7, print };
      outcomes.push([engine, await runSimulation(options)]);
    }
    print(formatTable(outcomes));
    for (const [engine, { wrong_slots, followed_wrong, messages_wrong }] of outcomes) {
      for (const slot of wrong_slots) print(`${engine}, not one run that succeeded: ${slot}`);
      for (const message of messages_wrong) print(`${engine}, a webhook: ${message}`);
      for (const event of followed_wrong) print(`${engine}, not once and in order: ${event}`);
    }
    if (isJson) print(JSON.stringify(Object.fromEntries(outcomes), undefined, 2));
    return outcomes.every(([, outcome]) => isGood(outcome)) ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function formatTable(outcomes: readonly (readonly [string, SimulationOutcome])[]): string {
  const rows: readonly [string, (outcome: SimulationOutcome) => number | string][] = [
    ["days with a feed", ({ days }) => days],
    ["  whose forecasts came later than an hour", ({ days_late }) => days_late],
    ["days without a feed", ({ days_without_feed }) => days_without_feed],
    ["forecasts on record", ({ forecasts }) => forecasts],
    ["  that have matured", ({ matured }) => matured],
    ["  of these without an outcome", ({ without_outcome }) => without_outcome],
    ["moments of jobs", ({ slots }) => slots],
    ["  without exactly one run that succeeded", ({ slots_wrong }) => slots_wrong],
    ["imports", ({ imports }) => imports],
    ["imports, forecasts, final states twice", ({ doubles }) => doubles],
    ["times advised", ({ advised }) => advised],
    ["times refused", ({ refused }) => describeRefusals(refused)],
    ["moves suggested to who had not asked", ({ told }) => told],
    ["  within three days of another one", ({ told_too_soon }) => told_too_soon],
    ["alerts", ({ alerts }) => alerts],
    ["  missing or twice", ({ alerts_wrong }) => alerts_wrong],
    ["mails", ({ mails }) => mails],
    ["  that came again under the same id", ({ mails_repeated }) => mails_repeated],
    ["  that the mail server has failed once", ({ mails_failed }) => mails_failed],
    ["  missing, foreign, or a second of a day", ({ mails_wrong }) => mails_wrong],
    ["transactions", ({ transactions }) => transactions],
    ["  that are not settled", ({ transactions_unsettled }) => transactions_unsettled],
    ["messages to webhooks", ({ messages }) => messages],
    ["  failed by the receiver", ({ messages_failed }) => messages_failed],
    ["  that came again, with the same id", ({ messages_repeated }) => messages_repeated],
    ["  missing, under two ids, or not wanted", ({ messages_wrong }) => messages_wrong.length],
    ["  before an earlier one of their subject", ({ messages_disordered }) => messages_disordered],
    ["  signed wrongly", ({ messages_forged }) => messages_forged],
    ["subscribers", ({ subscribers }) => subscribers],
    ["  times that they connected again", ({ reconnects }) => reconnects],
    ["  the one that did so the least", ({ reconnects_fewest }) => reconnects_fewest],
    ["events that they were to see", ({ followed }) => followed],
    ["  missing, twice, disordered, or not theirs", ({ followed_wrong }) => followed_wrong.length],
    ["processes killed", ({ kills }) => kills],
    ["seconds", ({ seconds }) => seconds],
    ["kept every promise", (outcome) => (isGood(outcome) ? "yes" : "NO")],
  ];
  const head = ["", ...outcomes.map(([engine]) => engine)];
  const lines = rows.map(([name, read]) => [name, ...outcomes.map(([, outcome]) => String(read(outcome)))]);
  return [head, ...lines]
    .map(([name = "", ...cells]) => [name.padEnd(44), ...cells.map((cell) => cell.padStart(12))].join(""))
    .join("\n");
}

function describeRefusals(refused: SimulationOutcome["refused"]): string {
  const entries = Object.entries(refused);
  return entries.length === 0 ? "0" : entries.map(([code, times]) => `${code} ${times}`).join(", ");
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

process.exitCode = await runScript({ help, parse, run });
