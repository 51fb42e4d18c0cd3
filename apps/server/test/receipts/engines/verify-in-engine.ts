import { type Verification, verifyForecast } from "@obsqra/verify";

/** What an engine is asked to verify. */
export interface EngineWork {
  readonly receipt: unknown;
  readonly logUrl: string;
  /** How often, the first of which is not counted. */
  readonly rounds: number;
}

/** What it has found, and how long it took in milliseconds. */
export interface EngineReport {
  readonly checks: Verification["checks"];
  readonly receiptMs: readonly number[];
  readonly forecastMs: readonly number[];
}

/** Runs in a page of a browser, or in Node with the page's address as its argument. */
const { location, process } = globalThis as {
  readonly location?: { readonly origin: string };
  readonly process?: { readonly argv: readonly string[] };
};
const origin = location?.origin ?? process?.argv[2] ?? "";

async function verify(): Promise<EngineReport> {
  const asked = await (await fetch(`${origin}/work`)).text();
  const { receipt, logUrl, rounds }: EngineWork = JSON.parse(asked);
  let checks: EngineReport["checks"] = [];
  const timed = async (reExecute: boolean) => {
    const took: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const start = performance.now();
      ({ checks } = await verifyForecast(receipt, { logUrl, reExecute }));
      took.push(performance.now() - start);
    }
    return took.slice(1);
  };
  const receiptMs = await timed(false);
  const forecastMs = await timed(true);
  return { checks, receiptMs, forecastMs };
}

const report = await verify().catch((error: unknown) => ({ error: String(error) }));
await fetch(`${origin}/report`, { method: "POST", body: JSON.stringify(report) });
