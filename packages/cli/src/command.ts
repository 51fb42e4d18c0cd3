/** What a field of a call's input is on a command line. */
export interface CommandField {
  /** As the API calls it: `tx_hash` is the option `--tx-hash`. */
  readonly name: string;
  /** `list` is several words, `json` anything else that has no simple form. */
  readonly type: "string" | "number" | "boolean" | "list" | "json";
  readonly description: string;
  readonly choices?: readonly string[];
  readonly isRequired?: boolean;
  /** Whether the word `null` stands for null. */
  readonly isNullable?: boolean;
  /** Given as a word rather than an option: what the path of REST names. */
  readonly isPositional?: boolean;
  /** Asked for rather than given, since a command line is seen by others. */
  readonly isSecret?: boolean;
}

/** A call of the API as a command: `predictions.yield_forecast` is `obsqra predictions yield-forecast`. */
export interface ApiCommand {
  readonly path: string;
  readonly kind: "query" | "mutation" | "subscription";
  readonly summary: string;
  readonly description: string;
  /** Whether its result is a page of a list. */
  readonly isList: boolean;
  readonly fields: readonly CommandField[];
}

/** `tx_hash` as it is written on a command line: `tx-hash`. */
export function toWord(name: string): string {
  return name.replaceAll("_", "-");
}
