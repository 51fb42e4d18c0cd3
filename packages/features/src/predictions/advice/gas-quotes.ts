import type { ChainGas } from "@obsqra/contract";
import type { Logger } from "@obsqra/platform";
import { ChainUnavailableError, type FeeReader, type GasPrices, type OraclePrice } from "@obsqra/starknet";

/** What gas costs where that is read. Nobody who asks waits for a chain. */
export interface GasQuotes {
  /** What was read last, as far as it may be counted on now; empty where gas is counted as documented. */
  current(): readonly ChainGas[];
  /** Reads again. Failures are logged. */
  refresh(): Promise<void>;
}

export interface GasQuotesDependencies {
  /** Undefined when no node is configured, or no oracle. */
  readonly fees: FeeReader | undefined;
  readonly clock: () => Date;
  readonly log: Pick<Logger, "info" | "warn">;
}

/**
 * What one move takes: a deposit or a withdrawal with its approval, and an exchange where there is one, in one transaction, as accounts on
 * Starknet send several calls. 150,000 steps of Cairo at 100 units of L2 gas each, and 16 changed slots of 64 bytes of L1 data. Not an
 * estimate of the transaction: which it will be is not known. A single small call took 796,081 and 128.
 *
 * https://docs.starknet.io/learn/protocol/fees (prices of resources)
 * https://github.com/NethermindEth/starknet.go/blob/main/rpc/estimateFee_test.go (the recorded estimate of a call)
 */
const gasOfMove = { l2Gas: 15_000_000n, l1DataGas: 1_024n } as const;

/** How often gas prices are read. */
export const gasQuotesEveryMs = 5 * 60_000;

const hourMs = 60 * 60_000;
/** Clocks differ; a block is no more in the future than that. */
const aheadMsMax = 10 * 60_000;
/** Of what one move costs, US dollars. Outside of it, somebody lies, or the world is not the one that the amount of gas is documented for. */
const moveUsd = { min: 0.0001, max: 10 };
/** Of the price of a STRK, US dollars. */
const strkUsd = { min: 0.001, max: 100 };
/** Fewer sources are no median. */
const sourcesMin = 3;

const pair = "STRK/USD";

/** Keeps what was read last, and forgets it after an hour. */
export function createGasQuotes({ fees, clock, log }: GasQuotesDependencies): GasQuotes {
  let held: ChainGas | undefined;
  let isFailing = false;
  let running: Promise<void> | undefined;

  async function read({ gasPrices, medianPrice }: FeeReader): Promise<void> {
    try {
      const prices = await gasPrices();
      const found = toQuote(prices, await medianPrice(pair, prices.blockNumber), clock());
      if (typeof found === "string") return complain({ reason: found });
      held = found;
      if (isFailing) log.info({}, "Gas prices are read of Starknet again.");
      isFailing = false;
    } catch (err) {
      complain(err instanceof ChainUnavailableError ? { reason: err.message } : { err });
    }
  }

  /** Once, not every five minutes. */
  function complain(facts: object): void {
    if (!isFailing) {
      log.warn(
        facts,
        "Gas prices cannot be read of Starknet: advice counts gas as documented once the last ones are an hour old.",
      );
    }
    isFailing = true;
  }

  return {
    current() {
      return held === undefined || ageProblem(new Date(held.read_at), clock()) !== undefined ? [] : [held];
    },
    async refresh() {
      if (fees === undefined) return;
      running ??= read(fees).finally(() => {
        running = undefined;
      });
      await running;
    },
  };
}

/** What a move costs, or why that is not known. */
function toQuote(prices: GasPrices, oracle: OraclePrice | string, now: Date): ChainGas | string {
  const { blockNumber, blockTime, l1GasFri, l2GasFri, l1DataGasFri } = prices;
  const age = ageProblem(blockTime, now);
  if (age !== undefined) return `The newest block is ${age}.`;
  if (l1GasFri === 0n || l2GasFri === 0n || l1DataGasFri === 0n)
    return "The newest block says that gas is free.";
  if (typeof oracle === "string") return `The oracle has no price of ${pair}: ${oracle}.`;
  const { price, decimals, updatedAt, sourceCount } = oracle;
  const priceAge = ageProblem(updatedAt, now);
  if (priceAge !== undefined) return `The oracle's price of ${pair} is ${priceAge}.`;
  if (sourceCount < sourcesMin) return `The oracle has ${sourceCount} sources of ${pair}.`;
  if (!isWithin(Number(price) / 10 ** decimals, strkUsd))
    return `The oracle's price of ${pair} is not plausible.`;
  const feeFri = gasOfMove.l2Gas * l2GasFri + gasOfMove.l1DataGas * l1DataGasFri;
  const usd = Number((feeFri * price * microUsd) / (friInStrk * 10n ** BigInt(decimals))) / Number(microUsd);
  if (!isWithin(usd, moveUsd)) return "Gas prices are not plausible.";
  return { chain: "Starknet", usd: usd.toFixed(6), block: blockNumber, read_at: blockTime.toISOString() };
}

const friInStrk = 10n ** 18n;
const microUsd = 1_000_000n;

function isWithin(value: number, { min, max }: { readonly min: number; readonly max: number }): boolean {
  return value >= min && value <= max;
}

/** Why something of that moment does not count now; undefined where it does. */
function ageProblem(moment: Date, now: Date): string | undefined {
  const ageMs = now.getTime() - moment.getTime();
  if (ageMs > hourMs) return `older than an hour, of ${moment.toISOString()}`;
  return ageMs < -aheadMsMax ? `of the future, ${moment.toISOString()}` : undefined;
}
