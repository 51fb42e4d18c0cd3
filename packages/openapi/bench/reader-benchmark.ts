import type { Benchmark, BenchmarkRow } from "../../../scripts/bench/benchmark.ts";
import { readJsonBytes } from "../src/json/read-json.ts";

const barMicroseconds = 5;
const roundsCount = 15;

/** What reading a body exactly costs, against reading it as `JSON.parse` does. */
export const readerBenchmark: Benchmark = {
  name: "reader",
  title: "Reading JSON exactly",
  description: `One thread. Each figure is the fastest of ${roundsCount} rounds of thousands of reads, from the bytes to the value. The peers are
\`JSON.parse\` alone, which changes what it cannot keep, and \`JSON.parse\` with a reviver that compares each number with its
source, which does not see names that stand twice. The bar is what the reader may add to \`JSON.parse\`.`,
  run: async () => Object.entries(bodies).map(([what, body]) => measureBody(what, Buffer.from(body))),
};

const bodies = {
  "a login": JSON.stringify({ email: "ada@example.org", password: "correct horse battery staple" }),
  "a transaction": JSON.stringify({
    tx_hash: "0x5a1d",
    tx_type: "deposit",
    amount: "1250.5",
    details: { token: "USDC", fees: [1, 2.5], confirmed: true },
  }),
  "a transaction with a note of 16 KiB": JSON.stringify({
    tx_hash: "0x5a1d",
    tx_type: "deposit",
    amount: "1250.5",
    details: { note: "x".repeat(16_000) },
  }),
  "64 KiB of short names and numbers": JSON.stringify(
    Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`k${index}`, index])),
  ),
};

function measureBody(what: string, bytes: Buffer): BenchmarkRow {
  const exact = timeOf(() => readJsonBytes(bytes));
  const plain = timeOf(() => JSON.parse(bytes.toString("utf8")));
  // TypeScript's library does not know of the third parameter yet.
  const revived = timeOf(() => JSON.parse(bytes.toString("utf8"), keepNumber as Reviver));
  const hasBar = bytes.length < 1024;
  return {
    work: `${what} (${bytes.length.toLocaleString("en")} bytes)`,
    measured: `${exact.toFixed(2)} µs, ${(exact - plain).toFixed(2)} µs more than the first peer`,
    bar: hasBar ? `≤ ${barMicroseconds} µs more` : "none",
    met: !hasBar || exact - plain <= barMicroseconds,
    peer: `JSON.parse ${plain.toFixed(2)} µs, with a reviver ${revived.toFixed(2)} µs`,
  };
}

type Reviver = (name: string, value: unknown) => unknown;

function keepNumber(_name: string, value: unknown, { source }: { readonly source?: string }): unknown {
  if (typeof value === "number" && String(value) !== source) throw new Error("changed");
  return value;
}

/** Microseconds of one call. */
function timeOf(read: () => unknown): number {
  const once = performance.now();
  read();
  const calls = Math.max(10, Math.min(20_000, Math.round(20 / (performance.now() - once))));
  const rounds = Array.from({ length: roundsCount }, () => {
    const start = performance.now();
    for (let call = 0; call < calls; call += 1) read();
    return ((performance.now() - start) / calls) * 1000;
  });
  return Math.min(...rounds);
}
