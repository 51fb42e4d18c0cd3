import { parseArgs } from "node:util";
import type { Verification } from "./check.ts";
import { fileSecondsMax, readBytes, withTimeout } from "./read-log.ts";
import { verifyTrackRecord } from "./record/verify-track-record.ts";
import { verifyForecast } from "./verify-forecast.ts";
import type { Fetch, VerifyOptions } from "./verify-options.ts";

/** What the command does outside of itself. */
export interface CommandPlace {
  readonly fetch: Parameters<typeof withTimeout>[0];
  readonly readFile: (path: string) => Promise<string>;
  readonly write: (text: string) => void;
}

/** What the process ends with: for scripts, and for CI. */
export const exitCodes = { holds: 0, failed: 1, notAsked: 2 } as const;

const help = `obsqra-verify URL forecast ID
obsqra-verify URL record

Checks that a forecast was committed to the log of the service at URL, or that its whole track record follows from the log, and prints each
check. Needs no account.

  --key KEY           a key of the log that you know from elsewhere; it has to be among the log's
  --witness KEY       a witness that has to have cosigned in time; may be repeated: each, and of a record one of them
  --checkpoint FILE   a checkpoint of the log that you have kept; the log has to continue it
  --answer FILE       the forecast as the service has answered it to you, as JSON
  --quick             does not make the forecast again from its model and data
  --from DAY          of a record, forecasts as of this day or later, such as 2026-01-31; figures of all time are not checked then
  --to DAY            the same, before this day
  --timeout SECONDS   how long each file may take; ${fileSecondsMax} by default
  --json              prints the checks as JSON

Ends with 0 when nothing fails, 1 when a check fails, 2 when nothing could be checked.
`;

const receiptBytesMax = 65_536;

/** Runs the command. @returns the exit code */
export async function runCommand(args: readonly string[], place: CommandPlace): Promise<number> {
  const asked = readArguments(args);
  if (asked === undefined) {
    place.write(help);
    return exitCodes.notAsked;
  }
  const { values } = asked;
  try {
    const options = {
      ...(await readOptions(values, place)),
      fetch: withTimeout(place.fetch, values.timeout),
    };
    const verification = await verifyAsked(asked, options);
    place.write(
      values.json === true ? `${JSON.stringify(verification, undefined, 2)}\n` : describe(verification),
    );
    return verification.verdict === "failed" ? exitCodes.failed : exitCodes.holds;
  } catch (error) {
    place.write(`Nothing could be checked: ${error instanceof Error ? error.message : String(error)}\n`);
    return exitCodes.notAsked;
  }
}

function verifyAsked(
  { url, what, id, values }: Asked,
  options: VerifyOptions & { readonly fetch: Fetch },
): Promise<Verification> {
  if (what === "forecast") return verifyReceipt(url, id, options);
  const { from, to } = values;
  return verifyTrackRecord(
    { url, ...(from !== undefined && { from }), ...(to !== undefined && { to }) },
    options,
  );
}

async function verifyReceipt(
  url: string,
  id: string,
  options: VerifyOptions & { readonly fetch: Fetch },
): Promise<Verification> {
  const receiptUrl = `${url}/api/v1/predictions/forecasts/${encodeURIComponent(id)}/receipt`;
  const bytes = await readBytes(receiptUrl, receiptBytesMax, options.fetch);
  const receipt: unknown = JSON.parse(new TextDecoder().decode(bytes));
  return verifyForecast(receipt, { ...options, logUrl: `${url}/log` });
}

const options = {
  key: { type: "string" },
  witness: { type: "string", multiple: true },
  checkpoint: { type: "string" },
  answer: { type: "string" },
  from: { type: "string" },
  to: { type: "string" },
  timeout: { type: "string", default: String(fileSecondsMax) },
  json: { type: "boolean" },
  quick: { type: "boolean" },
} as const;

interface Values {
  readonly key?: string;
  readonly witness?: string[];
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
interface Asked {
  readonly url: string;
  readonly what: "forecast" | "record";
  /** Empty where there is none. */
  readonly id: string;
  readonly values: Values;
}

function readArguments(args: readonly string[]): Asked | undefined {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const [url, what, id = "", ...rest] = positionals;
    if (url === undefined || rest.length > 0) return undefined;
    if (what !== "record" && what !== "forecast") return undefined;
    if ((what === "forecast") !== (id !== "")) return undefined;
    if ([values.from, values.to].some((day) => day !== undefined && Number.isNaN(Date.parse(day)))) {
      return undefined;
    }
    const timeout = Number(values.timeout);
    if (!(timeout > 0 && timeout <= 3_600)) return undefined;
    return { url: new URL(url).href.replace(/\/+$/, ""), what, id, values: { ...values, timeout } };
  } catch {
    return undefined;
  }
}

async function readOptions(
  { key, witness, checkpoint, answer, quick }: Values,
  { readFile }: CommandPlace,
): Promise<VerifyOptions> {
  return {
    reExecute: quick !== true,
    ...(key !== undefined && { trustedKey: key }),
    ...(witness !== undefined && { witnesses: witness }),
    ...(checkpoint !== undefined && { knownCheckpoint: await readFile(checkpoint) }),
    ...(answer !== undefined && { answer: JSON.parse(await readFile(answer)) }),
  };
}

const marks = { passed: "ok  ", failed: "FAIL", not_checked: "-   " } as const;

const verdicts: Readonly<Record<Verification["verdict"], string>> = {
  failed: "Do not believe it: see FAIL above.",
  self_attested:
    "Everything that was checked holds. When it was committed is the service's own word (self-attested).",
  witnessed: "Everything that was checked holds, and witnesses say that it was committed in time.",
};

function describe({ verdict, checks }: Verification): string {
  const lines = checks.map(({ name, state, says }) => `${marks[state]}  ${name.padEnd(12)}  ${says}`);
  return `${lines.join("\n")}\n\n${verdicts[verdict]}\n`;
}
