import { verifyChains } from "./chains/verify-chains.ts";
import type { Verification } from "./check.ts";
import { type Asked, readArguments, UsageError, type Values } from "./read-arguments.ts";
import { ask, fileSecondsMax, postWithTimeout, readWhole, withTimeout } from "./read-log.ts";
import { verifyTrackRecord } from "./record/verify-track-record.ts";
import { verifyForecast } from "./verify-forecast.ts";
import type { Fetch, VerifyOptions } from "./verify-options.ts";

/** What the command does outside of itself. */
export interface CommandPlace {
  readonly fetch: Parameters<typeof withTimeout>[0];
  readonly readFile: (path: string) => Promise<string>;
  /** Takes what was asked for. */
  readonly write: (text: string) => void;
  /** Takes why nothing came of it. */
  readonly complain: (text: string) => void;
}

/** What the process ends with: for scripts, and for CI. */
export const exitCodes = { holds: 0, failed: 1, notChecked: 2 } as const;

const help = `obsqra-verify URL forecast ID
obsqra-verify URL suggestion FILE
obsqra-verify URL chains FILE
obsqra-verify URL record

Checks that a forecast was committed to the log of the service at URL, that a suggestion was and is the best by its data (FILE has its receipt,
which its owner gets), that it has where your chains of transactions and security events ended (FILE has the receipt, which you get), or that
the whole track record follows from the log, and prints each check. Needs no account.

  --key KEY           a key of the log that you know from elsewhere; it has to be among the log's
  --witness KEY       a witness that has to have cosigned in time; may be repeated: each, and of the record's forecasts one of them
  --anchor ADDRESS    a contract on Starknet that keeps trees of the log, of which one has to have it in time; needs --rpc
  --rpc URL           the JSON-RPC of a node of Starknet that you believe
  --checkpoint FILE   a checkpoint of the log that you have kept; the log has to continue it
  --answer FILE       the forecast or suggestion as the service has answered it to you, as JSON; of chains the newest page of one of them
  --quick             does not make the forecast again from its model and data
  --from DAY          of the record, forecasts as of this day or later, such as 2026-01-31; figures of all time are not checked then
  --to DAY            the same, before this day
  --timeout SECONDS   how long each file may take; ${fileSecondsMax} by default
  --json              prints the checks as JSON

  --help              prints this

Ends with 0 when nothing fails, 1 when a check fails, 2 when something could not be read or made again, there is nothing to check, or the command line
cannot be understood.
`;

const receiptBytesMax = 65_536;

/** Runs the command. @returns the exit code */
export async function runCommand(args: readonly string[], place: CommandPlace): Promise<number> {
  try {
    const asked = readArguments(args);
    if (asked === undefined) {
      place.write(help);
      return exitCodes.holds;
    }
    const { values } = asked;
    const options = {
      ...(await readOptions(values, place)),
      fetch: withTimeout(place.fetch, values.timeout),
    };
    const verification = withSteadyTexts(await verifyAsked(asked, options, place));
    place.write(
      values.json === true ? `${JSON.stringify(verification, undefined, 2)}\n` : describe(verification),
    );
    return codes[verification.verdict];
  } catch (error) {
    const says = steadyText(error instanceof Error ? error.message : String(error));
    place.complain(
      error instanceof UsageError
        ? `${says}\nobsqra-verify --help says more.\n`
        : `Nothing could be checked: ${says}\n`,
    );
    return exitCodes.notChecked;
  }
}

const codes: Readonly<Record<Verification["verdict"], number>> = {
  failed: exitCodes.failed,
  not_checked: exitCodes.notChecked,
  self_attested: exitCodes.holds,
  witnessed: exitCodes.holds,
};

async function verifyAsked(
  { url, what, id, values }: Asked,
  options: VerifyOptions & { readonly fetch: Fetch },
  place: CommandPlace,
): Promise<Verification> {
  if (what === "forecast") return verifyReceipt(url, id, options);
  if (what === "chains") {
    const receipt = readJson(await readInput(id, place), id);
    return verifyChains(receipt, { ...options, logUrl: `${url}/log` });
  }
  if (what === "suggestion") return verifyOwn(url, readJson(await readInput(id, place), id), options);
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
  const response = await ask(receiptUrl, options.fetch);
  if (response.status === notFoundStatus && isProblem(response)) {
    await response.body?.cancel();
    throw new Error(
      `There is no such forecast as ${id} in the log of ${url}. A new one gets there within a minute.`,
    );
  }
  const text = new TextDecoder().decode(await readWhole(receiptUrl, response, receiptBytesMax));
  const receipt = readJson(text, receiptUrl);
  return verifyForecast(receipt, { ...options, forecastId: id, logUrl: `${url}/log` });
}

/** The solver is loaded by whoever wants it. */
async function verifyOwn(
  url: string,
  receipt: unknown,
  options: VerifyOptions & { readonly fetch: Fetch },
): Promise<Verification> {
  const { verifySuggestion } = await import("./suggestion/verify-suggestion.ts");
  return verifySuggestion(receipt, { ...options, logUrl: `${url}/log` });
}

const notFoundStatus = 404;

/** Whether the service itself says so, not something else at the URL. */
function isProblem({ headers }: Response): boolean {
  return headers.get("content-type")?.startsWith("application/problem+json") === true;
}

function readJson(text: string, from: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${from} is not JSON.`);
  }
}

async function readInput(path: string, place: CommandPlace): Promise<string> {
  try {
    return await place.readFile(path);
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function readOptions(
  { key, witness, anchor, rpc, checkpoint, answer, quick, timeout }: Values,
  place: CommandPlace,
): Promise<VerifyOptions> {
  const readFile = (path: string) => readInput(path, place);
  return {
    reExecute: quick !== true,
    ...(key !== undefined && { trustedKey: key }),
    ...(witness !== undefined && { witnesses: witness }),
    ...(anchor !== undefined &&
      rpc !== undefined && {
        anchor: { contract: anchor, rpcUrl: rpc, post: postWithTimeout(place.fetch, timeout) },
      }),
    ...(checkpoint !== undefined && { knownCheckpoint: await readFile(checkpoint) }),
    ...(answer !== undefined && { answer: readAnswer(await readFile(answer), answer) }),
  };
}

function readAnswer(text: string, path: string): Readonly<Record<string, unknown>> {
  const answer = readJson(text, path);
  if (typeof answer !== "object" || answer === null || Array.isArray(answer)) {
    throw new UsageError(`${path} is no answer: it has to be one item of it, or of chains a page.`);
  }
  return { ...answer };
}

const marks = { passed: "ok  ", failed: "FAIL", not_checked: "-   ", unreadable: "??  " } as const;

const verdicts: Readonly<Record<Verification["verdict"], string>> = {
  failed: "Do not believe it: see FAIL above.",
  self_attested:
    "Everything that was checked holds. When it was committed is the service's own word (self-attested).",
  not_checked:
    "That cannot be said: see above what could not be read, is withheld, or is not there. Nothing that was checked has failed.",
  witnessed:
    "Everything that was checked holds, and witnesses, or blocks of Starknet, say that it was committed in time.",
};

/** What a check says may quote the service, which is not to write lines of its own here, nor over those of others. */
function withSteadyTexts({ verdict, checks }: Verification): Verification {
  return { verdict, checks: checks.map((check) => ({ ...check, says: steadyText(check.says) })) };
}

/** A text with a space for each character that steers a terminal, begins a line, or turns the direction of text. */
function steadyText(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, " ");
}

function describe({ verdict, checks }: Verification): string {
  const lines = checks.map(({ name, state, says }) => `${marks[state]}  ${name.padEnd(12)}  ${says}`);
  return `${lines.join("\n")}\n\n${verdicts[verdict]}\n`;
}
