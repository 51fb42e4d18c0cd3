import { parseArgs } from "node:util";
import { parseVerifierKey, signatureTypes } from "@obsqra/receipts";
import { fileSecondsMax } from "./read-log.ts";

/** A command line that cannot be understood; the message says what about it. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export interface Values {
  readonly key?: string;
  readonly witness?: string[];
  readonly anchor?: string;
  readonly rpc?: string;
  readonly checkpoint?: string;
  readonly answer?: string;
  readonly from?: string;
  readonly to?: string;
  /** In seconds. */
  readonly timeout: number;
  readonly json?: boolean;
  readonly quick?: boolean;
}

/** What is to be verified. */
export interface Asked {
  readonly url: string;
  readonly what: "forecast" | "suggestion" | "chains" | "record";
  /** Of the forecast; of a suggestion or of chains the file with the receipt. Empty where there is none. */
  readonly id: string;
  readonly values: Values;
}

const options = {
  help: { type: "boolean", short: "h" },
  key: { type: "string" },
  witness: { type: "string", multiple: true },
  anchor: { type: "string" },
  rpc: { type: "string" },
  checkpoint: { type: "string" },
  answer: { type: "string" },
  from: { type: "string" },
  to: { type: "string" },
  timeout: { type: "string", default: String(fileSecondsMax) },
  json: { type: "boolean" },
  quick: { type: "boolean" },
} as const;

/** @returns what is asked for; undefined for help @throws UsageError */
export function readArguments(args: readonly string[]): Asked | undefined {
  const { values: all, positionals } = parse(args);
  const { help, ...values } = all;
  if (help === true) return undefined;
  const [url, what, id, ...rest] = positionals;
  if (url === undefined)
    throw new UsageError("URL is missing: that of the service, such as https://service.example.");
  const service = readUrl(url);
  if (what === undefined)
    throw new UsageError("Say what to verify: forecast ID, suggestion FILE, chains FILE, or record.");
  if (what !== "forecast" && what !== "suggestion" && what !== "chains" && what !== "record") {
    throw new UsageError(
      `${what} is no command: there are forecast ID, suggestion FILE, chains FILE and record.`,
    );
  }
  const [unexpected] = what === "record" && id !== undefined ? [id, ...rest] : rest;
  if (unexpected !== undefined) throw new UsageError(`${unexpected} is one argument too many after ${what}.`);
  if (what === "record") expectRecord(values);
  else expectOne(what, id, values);
  expectKeys(values);
  expectAnchor(what, values);
  const timeout = Number(values.timeout);
  if (!(timeout > 0 && timeout <= 3_600)) {
    throw new UsageError(`--timeout ${values.timeout} is no number of seconds, up to 3600.`);
  }
  return {
    url: service,
    what,
    id: (what === "forecast" ? id?.toLowerCase() : id) ?? "",
    values: { ...values, timeout },
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    // Node's own sentence names the option; what follows it is about command lines in general.
    const [says = ""] = (error instanceof Error ? error.message : String(error)).split(/\. |\n/);
    throw new UsageError(`${says.replace(/\.$/, "")}.`);
  }
}

function readUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol)) {
    throw new UsageError(`${text} is no URL of a service, such as https://service.example.`);
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
}

const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function expectOne(
  what: "forecast" | "suggestion" | "chains",
  id: string | undefined,
  { from, to, quick }: { readonly from?: string; readonly to?: string; readonly quick?: boolean },
): void {
  if (what !== "forecast") {
    if (id === undefined) {
      throw new UsageError(
        `FILE is missing: the receipt of ${what === "chains" ? "your chains" : "the suggestion"}, as JSON.`,
      );
    }
    if (quick === true) throw new UsageError("--quick is for a forecast only.");
  } else {
    if (id === undefined)
      throw new UsageError("ID is missing: that of the forecast, as the service has answered it.");
    if (!uuidPattern.test(id)) {
      throw new UsageError(
        `${id} is no id of a forecast: these look like 01900000-0000-7000-8000-000000000001.`,
      );
    }
  }
  if (from !== undefined || to !== undefined) throw new UsageError("--from and --to are for record only.");
}

function expectRecord(values: {
  readonly from?: string;
  readonly to?: string;
  readonly answer?: string;
  readonly quick?: boolean;
}): void {
  const { from, to, answer, quick } = values;
  if (answer !== undefined) throw new UsageError("--answer is for a forecast, a suggestion or chains only.");
  if (quick === true)
    throw new UsageError("--quick is for a forecast only: of the record none is made again.");
  const [start, end] = [readDay("from", from), readDay("to", to)];
  if (start !== undefined && end !== undefined && start >= end) {
    throw new UsageError(`--from ${from} is not before --to ${to}.`);
  }
}

function readDay(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const moment = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  // Engines read 31 February as a day of March.
  if (Number.isNaN(moment) || (text.length === 10 && new Date(moment).toISOString().slice(0, 10) !== text)) {
    throw new UsageError(`--${option} ${text} is no day, such as 2026-01-31.`);
  }
  return moment;
}

function expectAnchor(
  what: Asked["what"],
  { anchor, rpc }: { readonly anchor?: string; readonly rpc?: string },
): void {
  if (anchor === undefined && rpc === undefined) return;
  if (what === "record") throw new UsageError("--anchor is for a forecast, a suggestion or chains only.");
  if (anchor === undefined || rpc === undefined) {
    throw new UsageError("--anchor ADDRESS and --rpc URL go together: the contract, and a node to ask.");
  }
  if (!/^0x[0-9a-f]{1,64}$/i.test(anchor))
    throw new UsageError(`--anchor ${anchor} is no address on Starknet.`);
  readUrl(rpc);
}

function expectKeys({ key, witness = [] }: { readonly key?: string; readonly witness?: string[] }): void {
  if (key !== undefined) expectKey("key", key, signatureTypes.ed25519);
  for (const each of witness) expectKey("witness", each, signatureTypes.cosignature);
}

function expectKey(option: string, text: string, type: number): void {
  let found: ReturnType<typeof parseVerifierKey>;
  try {
    found = parseVerifierKey(text);
  } catch (error) {
    throw new UsageError(
      `--${option} ${text} is no key, such as name+0123abcd+BASE64: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  if (found.type === type) return;
  throw new UsageError(
    option === "key"
      ? `--key ${text} is the key of a witness, not of a log.`
      : `--witness ${text} is the key of a log, not of a witness.`,
  );
}
