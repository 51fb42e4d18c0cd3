import type { Database } from "@obsqra/db";
import { AppError } from "@obsqra/platform";
import { listProtocols, type ProtocolRow } from "./protocols.queries.ts";

export type { ProtocolRow } from "./protocols.queries.ts";

/** Every protocol that the registry or a data source knows, by name. */
export async function getProtocols(deps: { db: Database }): Promise<ProtocolRow[]> {
  return listProtocols(deps.db);
}

/**
 * Refuses names that no protocol has.
 *
 * @throws AppError PROTOCOL_UNKNOWN, with the names that are known
 */
export async function assertKnownProtocols(deps: { db: Database }, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  refuseUnknown(
    names,
    (await listProtocols(deps.db)).map(({ name }) => name),
  );
}

/**
 * Refuses a list's filter by protocol.
 *
 * @param known null when the protocol is known, or none was asked for
 * @throws AppError PROTOCOL_UNKNOWN, with the names that are known
 */
export function refuseUnknownFilter(protocol: string | undefined, known: readonly string[] | null): void {
  if (protocol !== undefined && known !== null) refuseUnknown([protocol], known);
}

/**
 * Refuses names that are not among those that are known.
 *
 * @throws AppError PROTOCOL_UNKNOWN
 */
export function refuseUnknown(names: readonly string[], known: readonly string[]): void {
  const unknown = names.filter((name) => !known.includes(name));
  // A few suffice to correct the input by.
  if (unknown.length > 0)
    throw new AppError("PROTOCOL_UNKNOWN", { protocols: unknown.slice(0, 5), known: [...known] });
}
