import type { ProtocolStatus } from "@obsqra/contract";
import type { Database, DatabaseTransaction } from "@obsqra/db";
import { type Emit, type WriteDependencies, writeTransaction } from "@obsqra/platform";
import { type NewProtocolRow, upsertProtocols } from "./market.queries.ts";
import {
  insertStatusDecision,
  listDecidedStatuses,
  listProtocolStatuses,
  listStatusDecisions,
  lockProtocolStatus,
  lockProtocolStatuses,
  type ProtocolStatusRow,
  type StatusDecisionRow,
} from "./protocol-statuses.queries.ts";

export type { ProtocolStatusRow, StatusDecisionRow } from "./protocol-statuses.queries.ts";

/** What an operator asks for cannot be done; the message says why. */
export class ProtocolCommandError extends Error {
  override readonly name = "ProtocolCommandError";
}

/** An operator's decision about a protocol. */
export interface StatusDecision {
  readonly protocol: string;
  readonly status: ProtocolStatus;
  /** Not in the future: a decision takes effect at once. @default now, or since when it is known to have this status */
  readonly since: Date | undefined;
  /** Where the status can be checked; https. */
  readonly evidenceUrl: string;
  readonly reason: string | undefined;
}

/** The status of a protocol before and after a decision. */
export interface StatusChange {
  readonly before: ProtocolStatusRow;
  readonly after: ProtocolStatusRow;
}

/** The status of every protocol, by name, and who decided it. */
export async function getProtocolStatuses(deps: { db: Database }): Promise<ProtocolStatusRow[]> {
  return listProtocolStatuses(deps.db);
}

/**
 * The status of one protocol and who decided it.
 *
 * @throws ProtocolCommandError when there is no such protocol
 */
export async function getProtocolStatus(
  deps: { db: Database },
  protocol: string,
): Promise<ProtocolStatusRow> {
  const status = (await listProtocolStatuses(deps.db)).find(({ name }) => name === protocol);
  if (status === undefined) throw await noSuchProtocol(deps.db, protocol);
  return status;
}

/**
 * What operators and the registry have decided about a protocol, newest first.
 *
 * @throws ProtocolCommandError when there is no such protocol
 */
export async function getStatusHistory(
  deps: { db: Database },
  protocol: string,
): Promise<StatusDecisionRow[]> {
  const decisions = await listStatusDecisions(deps.db, protocol);
  // Every protocol has an entry from its first day on.
  if (decisions.length === 0) throw await noSuchProtocol(deps.db, protocol);
  return decisions;
}

/**
 * Gives a protocol a status that no feed and no registry overrules, until another one is set or the decision is handed
 * back with {@link clearProtocolStatus}. Every server sees it from its next call on.
 *
 * @throws ProtocolCommandError when there is no such protocol, or since is in the future
 */
export async function setProtocolStatus(
  deps: WriteDependencies,
  { protocol, status, since, evidenceUrl, reason }: StatusDecision,
): Promise<StatusChange> {
  assertHasBegun(deps, since);
  return decide(deps, protocol, (before) => ({
    status,
    status_since: beginningOf(before, { status, since }) ?? deps.clock(),
    evidence_url: evidenceUrl,
    reason: reason ?? null,
  }));
}

/**
 * When a status that a protocol is given began: to say once more what it is, with other evidence, does not begin it anew.
 *
 * @returns undefined when it begins with the decision
 */
export function beginningOf(
  before: ProtocolStatusRow,
  { status, since }: Pick<StatusDecision, "status" | "since">,
): Date | undefined {
  return since ?? (before.status === status ? (before.status_since ?? undefined) : undefined);
}

/**
 * Refuses a status that would begin later, which nothing would wait for.
 *
 * @throws ProtocolCommandError
 */
export function assertHasBegun({ clock }: Pick<WriteDependencies, "clock">, since: Date | undefined): void {
  if (since === undefined || since <= clock()) return;
  throw new ProtocolCommandError(
    `${since.toISOString()} is in the future, and a decision takes effect at once. Decide when it is time.`,
  );
}

/**
 * Hands the decision about a protocol's status back to the registry or feed that it is known from: what they said last
 * counts again at once.
 *
 * @throws ProtocolCommandError when there is no such protocol, or no operator has decided about it
 */
export async function clearProtocolStatus(
  deps: WriteDependencies,
  {
    protocol,
    evidenceUrl,
    reason,
  }: Pick<StatusDecision, "protocol" | "reason"> & {
    readonly evidenceUrl: string | undefined;
  },
): Promise<StatusChange> {
  return decide(deps, protocol, (before) => {
    if (before.status_decided_by === "registry") {
      throw new ProtocolCommandError(`The status of ${protocol} is the registry's already.`);
    }
    return { status: null, status_since: null, evidence_url: evidenceUrl ?? null, reason: reason ?? null };
  });
}

async function decide(
  deps: WriteDependencies,
  protocol: string,
  toEntry: (
    before: ProtocolStatusRow,
  ) => Pick<StatusDecisionRow, "status" | "status_since" | "evidence_url" | "reason">,
): Promise<StatusChange> {
  return writeTransaction(deps, async (trx, emit) => {
    const before = await lockProtocolStatus(trx, protocol);
    if (before === undefined) throw await noSuchProtocol(trx, protocol);
    const id = deps.createId();
    const entry = {
      id,
      protocol,
      decided_by: "operator",
      ...toEntry(before),
      decided_at: deps.clock(),
    } as const;
    await insertStatusDecision(trx, entry);
    // The database has applied it: with the registry's word, when the decision was handed back.
    const after = (await lockProtocolStatus(trx, protocol)) ?? before;
    emit({
      type: "protocol.status_set",
      subject: protocol,
      owner_id: null,
      payload: {
        decision_id: id,
        decided_by: after.status_decided_by,
        status: after.status,
        status_before: before.status,
      },
    });
    return { before, after };
  });
}

/**
 * Adds protocols, or brings what is known about them up to date, as a registry or feed says, and tells of each that gets another
 * status by it. Where an operator has decided, the status stays.
 *
 * @returns the names of those that were active and are not any more
 */
export async function storeProtocols(
  trx: DatabaseTransaction,
  emit: Emit,
  rows: readonly NewProtocolRow[],
): Promise<string[]> {
  const deactivated: string[] = [];
  const names = rows.map(({ name }) => name);
  const before = new Map((await lockProtocolStatuses(trx, names)).map(({ name, status }) => [name, status]));
  await upsertProtocols(trx, rows);
  for (const { name, status, status_decided_by, decision_id } of await listDecidedStatuses(trx, names)) {
    const status_before = before.get(name);
    if (status_before === undefined || status_before === status) continue;
    if (status_before === "active") deactivated.push(name);
    emit({
      type: "protocol.status_set",
      subject: name,
      owner_id: null,
      payload: { decision_id, decided_by: status_decided_by, status, status_before },
    });
  }
  return deactivated;
}

/** What an operator is told who names a protocol that there is not. */
export async function noSuchProtocol(db: Database, name: string): Promise<ProtocolCommandError> {
  const known = (await listProtocolStatuses(db)).map((protocol) => protocol.name);
  return new ProtocolCommandError(
    known.length === 0
      ? "No protocol is known yet: the first start of the server registers them."
      : `There is no protocol ${name}. Known: ${known.join(", ")}.`,
  );
}
