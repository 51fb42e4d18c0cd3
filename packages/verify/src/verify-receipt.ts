import { type Checkpoint, canonicalJson, parseCheckpoint, parseTlogProof } from "@obsqra/receipts";
import { checkAnchor } from "./anchor/check-anchor.ts";
import {
  type Check,
  type CheckName,
  expectThat,
  type Finding,
  findingOf,
  runCheck,
  type Verification,
} from "./check.ts";
import { checkHistory } from "./check-history.ts";
import { checkInclusion } from "./check-inclusion.ts";
import { checkKeys, checkLogSignature, readKeys } from "./check-keys.ts";
import { checkTime } from "./check-time.ts";
import { refuseOldEngines } from "./engine.ts";
import { judge } from "./judge.ts";
import {
  type CheckedLog,
  type LogEntry,
  openCheckedLog,
  parseEntry,
  postWithTimeout,
  readNewest,
  withTimeout,
} from "./read-log.ts";
import type { Fetch, VerifyOptions } from "./verify-options.ts";

/** What receipts of all kinds have. */
interface Receipt {
  /** The entry of the log, as it was hashed. */
  readonly entry: string;
  /** The checkpoint, and how the entry leads to it, as C2SP tlog-proof has it. */
  readonly tlog_proof: string;
  readonly witnessed_checkpoint: string | null;
  readonly log_url: string;
}

/** What is checked: a receipt, read as far as it can be without believing it. */
export interface Subject<TReceipt extends Receipt> {
  readonly receipt: TReceipt;
  readonly entry: LogEntry;
  readonly index: number;
  readonly proof: readonly Uint8Array[];
  readonly checkpoint: Checkpoint;
}

/** Checks by their names, in their order. */
type NamedChecks = Readonly<Partial<Record<CheckName, () => Finding | Promise<Finding>>>>;

/** What is checked of receipts of one kind, besides that the log has the entry. */
export interface ReceiptKind<TSubject> {
  /** Of the entry alone. */
  readonly ofEntry: (subject: TSubject) => NamedChecks;
  /** Of the entries around it. @default nothing */
  readonly inLog?: (subject: TSubject, log: CheckedLog) => NamedChecks;
  /** The moment that it speaks about, before which it has to be in the log. */
  readonly targetAt: (subject: TSubject) => unknown;
  /** Those without which it cannot be said that it holds: what is withheld, or of another arithmetic, does not pass. @default none */
  readonly required?: readonly CheckName[];
  /** Makes again what was committed to. @default nothing is */
  readonly again?: (
    subject: TSubject,
    log: CheckedLog,
    place: { readonly url: string; readonly fetch: Fetch },
  ) => Promise<readonly Check[]>;
}

/** @throws Error when its proof or its entry cannot be read */
export function readSubject<TReceipt extends Receipt>(receipt: TReceipt): Subject<TReceipt> {
  const { index, proof, checkpoint } = parseTlogProof(receipt.tlog_proof);
  return { receipt, entry: parseEntry(receipt.entry), index, proof, checkpoint: parseCheckpoint(checkpoint) };
}

/** @throws Mismatch */
export function expectCanonical({ receipt, entry }: Subject<Receipt>): void {
  expectThat(
    canonicalJson(entry) === receipt.entry,
    "The entry is not in canonical form: it could be read in two ways.",
  );
}

/**
 * Checks a receipt: what it says, that the log of a service has it, and since when. It never throws for what a service says, which is a
 * check that has failed, or where it says nothing, which is one that is `unreadable`.
 *
 * @param read reads the receipt, without believing it
 * @returns every check with what was compared
 * @throws UnsupportedEngineError
 */
export async function verifyReceipt<TSubject extends Subject<Receipt>>(
  read: () => TSubject,
  options: VerifyOptions,
  kind: ReceiptKind<TSubject>,
): Promise<Verification> {
  refuseOldEngines();
  const { fetch = withTimeout(globalThis.fetch), witnesses = [], anchor } = options;
  let subject: TSubject;
  try {
    subject = read();
  } catch (error) {
    return { verdict: "failed", checks: [{ name: "entry", ...findingOf(error) }] };
  }
  const { checkpoint, receipt } = subject;
  const logUrl = options.logUrl ?? receipt.log_url;
  if (!URL.canParse("artefacts", logUrl)) {
    const says = `The receipt says that the log is at ${logUrl}, which is no URL.`;
    return { verdict: "failed", checks: [{ name: "entry", state: "failed", says }] };
  }
  const log = openCheckedLog(checkpoint, logUrl, fetch);
  const keys = readKeys(logUrl, fetch);
  // Both checks that await it report why it cannot be read.
  keys.catch(() => {});
  const { witnessed_checkpoint } = receipt;
  const named: NamedChecks = {
    ...kind.ofEntry(subject),
    inclusion: () => checkInclusion(receipt.entry, subject),
    keys: async () => checkKeys(await keys, log, options.trustedKey),
    signature: async () => checkLogSignature(checkpoint, await keys),
    ...kind.inLog?.(subject, log),
    history: () => checkHistory(log, options.knownCheckpoint, () => readNewest(logUrl, fetch)),
    time: () => {
      const committed = { ...subject, witnessed_checkpoint, target_at: kind.targetAt(subject) };
      return checkTime(committed, log, { witnesses, keys });
    },
    ...(anchor !== undefined && {
      anchor: () => {
        const committed = { index: subject.index, target_at: kind.targetAt(subject) };
        return checkAnchor(committed, log, { post: postWithTimeout(globalThis.fetch), ...anchor });
      },
    }),
  };
  const checks: Check[] = [];
  for (const [name, find] of Object.entries(named)) checks.push(await runCheck(name as CheckName, find));
  const place = { url: new URL("artefacts", logUrl).href, fetch };
  if (kind.again !== undefined) checks.push(...(await kind.again(subject, log, place)));
  const required: CheckName[] = [
    ...(kind.required ?? []),
    ...(options.answer === undefined ? [] : ["answer" as const]),
  ];
  return { verdict: judge(checks, required), checks };
}
