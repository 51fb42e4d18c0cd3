import type { MarketKind, ProtocolKindRow } from "@obsqra/features";
import { formatColumns, formatMinute } from "./format-columns.ts";

/** Who decides of what kind markets are, and what. */
export function describeKind(kind: MarketKind | null | undefined): string {
  return kind == null ? "what the feed shows" : `${kind} (operator)`;
}

/** Protocols with the kinds of their markets, as a table. */
export function formatKinds(protocols: readonly ProtocolKindRow[]): string {
  const header = ["protocol", "lending", "dex", "unknown", "operators say", "decided at", "reason"];
  const rows = protocols.map((protocol) => [
    protocol.name,
    String(protocol.lending),
    String(protocol.dex),
    String(protocol.unknown),
    protocol.decided_kind ?? "",
    formatMinute(protocol.decided_at),
    protocol.reason ?? "",
  ]);
  return formatColumns([header, ...rows]);
}
