/** What is shown of the record, as the address has it. */
export interface RecordView {
  /** @default "yield" */
  readonly kind?: "yield" | "risk";
  /** @default "market" */
  readonly granularity?: "protocol" | "market";
  /** @default "protocol" */
  readonly by?: RecordLines;
  /** The protocol, model or month whose forecasts are listed. @default all of them */
  readonly of?: string;
  /** The month whose suggestions are listed. @default all of them */
  readonly suggested?: string;
}

/** What forecasts are counted by. */
export type RecordLines = "protocol" | "model" | "month";

/** Reads a view from an address that anybody may have written. */
export function readRecordView(search: Readonly<Record<string, unknown>>): RecordView {
  return {
    ...(search.kind === "risk" ? { kind: "risk" } : {}),
    ...(search.granularity === "protocol" ? { granularity: "protocol" } : {}),
    ...(search.by === "model" || search.by === "month" ? { by: search.by } : {}),
    ...(typeof search.of === "string" && search.of !== "" ? { of: search.of } : {}),
    ...(typeof search.suggested === "string" && /^[12]\d{3}-(0[1-9]|1[0-2])$/.test(search.suggested)
      ? { suggested: search.suggested }
      : {}),
  };
}

/** Limits the list of forecasts to those that a line of the record is about. */
export function filterOf(
  by: RecordLines,
  of: string | undefined,
): { readonly protocol?: string; readonly model_version?: string; readonly month?: string } {
  if (of === undefined) return {};
  return { protocol: { protocol: of }, model: { model_version: of }, month: { month: of } }[by];
}
