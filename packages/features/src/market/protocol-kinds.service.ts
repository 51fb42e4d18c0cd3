import type { Database, DatabaseTransaction } from "@obsqra/db";
import { borrowedRowsMin, type MarketDataset, type MarketHistory } from "@obsqra/market";
import { type WriteDependencies, writeTransaction } from "@obsqra/platform";
import { isMarketFile } from "./market.service.ts";
import {
  findKindDecisions,
  insertKindDecision,
  listProtocolKinds,
  listStoredLenders,
  type MarketKind,
  type ProtocolKindRow,
} from "./protocol-kinds.queries.ts";
import { lockProtocolStatus } from "./protocol-statuses.queries.ts";
import { noSuchProtocol, ProtocolCommandError } from "./protocol-statuses.service.ts";

export type { MarketKind, ProtocolKindRow } from "./protocol-kinds.queries.ts";

/** What an operator says of the kind of a protocol's markets. */
export interface KindDecision {
  readonly protocol: string;
  /** Undefined hands the decision back to what the feed shows. */
  readonly kind: MarketKind | undefined;
  readonly reason: string | undefined;
}

/** Every protocol with the kinds of its markets, and what operators have said of them, by name. */
export async function getProtocolKinds(deps: { db: Database }): Promise<ProtocolKindRow[]> {
  return listProtocolKinds(deps.db);
}

/**
 * The same of one protocol.
 *
 * @throws ProtocolCommandError when there is no such protocol
 */
export async function getProtocolKind(deps: { db: Database }, protocol: string): Promise<ProtocolKindRow> {
  const kind = (await listProtocolKinds(deps.db)).find(({ name }) => name === protocol);
  if (kind === undefined) throw await noSuchProtocol(deps.db, protocol);
  return kind;
}

/**
 * Says of what kind all markets of a protocol are, whatever a feed shows, until something else is said. It counts from the next import
 * on, which does not wait for new data then, and makes risk figures of all days anew.
 *
 * @throws ProtocolCommandError when there is no such protocol, or nothing to hand back
 */
export async function setProtocolKind(
  deps: WriteDependencies,
  { protocol, kind, reason }: KindDecision,
): Promise<void> {
  await writeTransaction(deps, async (trx) => {
    // One decision about a protocol at a time.
    if ((await lockProtocolStatus(trx, protocol)) === undefined) throw await noSuchProtocol(trx, protocol);
    if (kind === undefined && !(await findKindDecisions(trx)).kinds.has(protocol)) {
      throw new ProtocolCommandError(`No operator has said of what kind the markets of ${protocol} are.`);
    }
    await insertKindDecision(trx, {
      id: deps.createId(),
      protocol,
      kind: kind ?? null,
      reason: reason ?? null,
      decided_at: deps.clock(),
    });
  });
}

/** A data set whose markets have the kinds that count, and how many decisions of operators it knows. */
export interface SettledKinds {
  readonly dataset: MarketDataset;
  readonly decisions: number;
}

/**
 * Gives the markets of a data set the kinds that count: what operators say of their protocols; and where a feed shows nothing, what its
 * stored rows show, since a feed need not repeat them.
 */
export async function settleKinds(trx: DatabaseTransaction, dataset: MarketDataset): Promise<SettledKinds> {
  const { count, kinds } = await findKindDecisions(trx);
  const unknown = isMarketFile(dataset.source)
    ? []
    : dataset.markets.filter(({ market }) => market.kind === "unknown").map(({ market }) => market.id);
  const lenders =
    unknown.length === 0
      ? new Set<string>()
      : await listStoredLenders(trx, dataset.source, { marketIds: unknown, rowsMin: borrowedRowsMin });
  const markets = dataset.markets.map((history) => {
    const { id, protocol, kind } = history.market;
    return withKind(history, kinds.get(protocol) ?? (lenders.has(id) ? "lending" : kind));
  });
  return { dataset: { ...dataset, markets }, decisions: count };
}

/** Without reading the observations, which are made anew each time. */
function withKind(history: MarketHistory, kind: MarketKind): MarketHistory {
  if (history.market.kind === kind) return history;
  return {
    market: { ...history.market, kind },
    observed_until: history.observed_until,
    observation_count: history.observation_count,
    get observations() {
      return history.observations;
    },
  };
}
