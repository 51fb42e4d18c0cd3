import { type KindEvidence, marketKindOf, noKindEvidence } from "./market-kind.ts";
import type { DescribedMarket, MarketDescription, RejectedRow } from "./market-source.ts";
import { showText } from "./show-text.ts";

/** What a source that does not say a market's chain is taken to say. */
export const unknownChain = "unknown";

/** The chain whose protocols we are about; the registry describes them there. */
const homeChain = "starknet";

/** The rows of one id on one chain. */
export interface CollectedMarket {
  /** By the newest row. */
  description: DescribedMarket;
  describedAt: number;
  rowCount: number;
  readonly evidence: KindEvidence;
  readonly firstLine: number;
  /** By which the log knows its rows. */
  readonly number: number;
}

/** A market that counts, and the numbers that its rows have. */
export interface SettledMarket {
  readonly description: MarketDescription;
  readonly numbers: readonly number[];
}

/** Rows that do not count, and why. */
export interface RefusedRows extends RejectedRow {
  readonly rowCount: number;
}

/** What was collected under one id. */
interface Pool {
  readonly chain: string;
  readonly protocol: string;
  /** Its rows: those on its chain, and those that name none. */
  readonly parts: readonly CollectedMarket[];
  /** Rows of the same id on other chains. */
  readonly elsewhere: readonly CollectedMarket[];
}

/**
 * The markets of a load. A pool is on one chain: rows of its id on another one are another pool's. And a protocol is known by its
 * name alone: where it has pools on Starknet, what is of that name elsewhere says nothing about it. Which rows count is told once
 * all are there, so that one odd cell does not take other rows with it.
 */
export class CollectedMarkets {
  readonly #byIdAndChain = new Map<string, CollectedMarket>();

  /** How many numbers were given, from 0 on. */
  get count(): number {
    return this.#byIdAndChain.size;
  }

  /** What was collected of this id on this chain. */
  find(market: DescribedMarket): CollectedMarket | undefined {
    return this.#byIdAndChain.get(keyOf(market));
  }

  /** Begins to collect. */
  begin(description: DescribedMarket, firstLine: number): CollectedMarket {
    const evidence = noKindEvidence();
    const market = { description, describedAt: 0, rowCount: 0, evidence, firstLine, number: this.count };
    this.#byIdAndChain.set(keyOf(description), market);
    return market;
  }

  /** Tells which markets there are, ascending by id, and which rows are of none. */
  settle(): { markets: SettledMarket[]; refused: RefusedRows[] } {
    const byId = Map.groupBy(this.#byIdAndChain.values(), ({ description }) => description.id);
    const pools = Array.from(byId.values(), settlePool);
    const atHome = new Set(pools.filter(({ chain }) => isHome(chain)).map(({ protocol }) => protocol));
    const isForeign = ({ chain, protocol }: Pool) =>
      atHome.has(protocol) && chain !== unknownChain && !isHome(chain);
    const markets = pools.filter((pool) => !isForeign(pool)).map(toMarket);
    return {
      markets: markets.sort((left, right) => (left.description.id < right.description.id ? -1 : 1)),
      refused: [...pools.flatMap(refuseElsewhere), ...pools.filter(isForeign).flatMap(refuseForeign)],
    };
  }
}

/** A pool is where most of its rows are; of as many, where the first one is. */
function settlePool(collected: readonly CollectedMarket[]): Pool {
  const named = collected.filter(({ description }) => description.chain !== unknownChain);
  const [most] = named.toSorted((left, right) => right.rowCount - left.rowCount);
  const elsewhere = named.filter((each) => each !== most);
  const parts = collected.filter((each) => !elsewhere.includes(each));
  const { protocol } = newestOf(parts).description;
  return { chain: most?.description.chain ?? unknownChain, protocol, parts, elsewhere };
}

function toMarket({ chain, parts }: Pool): SettledMarket {
  const newest = newestOf(parts).description;
  const { id, protocol, symbol } = newest;
  return {
    description: { id, protocol, chain, symbol, kind: marketKindOf(newest, evidenceOf(parts)) },
    numbers: parts.map(({ number }) => number),
  };
}

function evidenceOf(parts: readonly CollectedMarket[]): KindEvidence {
  const total = noKindEvidence();
  for (const { evidence } of parts) {
    total.borrowedRows += evidence.borrowedRows;
    total.frozenStatedRows += evidence.frozenStatedRows;
  }
  return total;
}

function newestOf(parts: readonly CollectedMarket[]): CollectedMarket {
  return parts.reduce((newest, each) => (each.describedAt > newest.describedAt ? each : newest));
}

function refuseElsewhere({ chain, elsewhere }: Pool): RefusedRows[] {
  return elsewhere.map((rows) =>
    refuse(rows, `most rows of that id are on ${showText(chain)}: pools of two chains need two ids`),
  );
}

function refuseForeign({ protocol, parts }: Pool): RefusedRows[] {
  const reason = `${protocol} is on Starknet: what is of that name elsewhere is taken for another protocol`;
  return parts.map((rows) => refuse(rows, reason));
}

function refuse({ description, rowCount, firstLine }: CollectedMarket, reason: string): RefusedRows {
  const { id, chain } = description;
  const rows = rowCount === 1 ? "one row" : `${rowCount} rows`;
  return { line: firstLine, rowCount, reason: `${rows} of ${id} on ${showText(chain)}, but ${reason}` };
}

function isHome(chain: string): boolean {
  return chain.toLowerCase() === homeChain;
}

/** Upper and lower case of chains do not count. */
function keyOf({ id, chain }: DescribedMarket): string {
  return `${id}\n${chain.toLowerCase()}`;
}
