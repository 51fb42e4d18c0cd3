/** What is shown of the record, as the address has it. */
export interface RecordView {
  /** @default "yield" */
  readonly kind?: "yield" | "risk";
  /** @default "market" */
  readonly granularity?: "protocol" | "market";
}

/** Reads a view from an address that anybody may have written. */
export function readRecordView(search: Readonly<Record<string, unknown>>): RecordView {
  return {
    ...(search.kind === "risk" ? { kind: "risk" } : {}),
    ...(search.granularity === "protocol" ? { granularity: "protocol" } : {}),
  };
}
