import {
  areEqual,
  type Checkpoint,
  canonicalJson,
  fromBase64,
  hashLeaf,
  parseCheckpoint,
  parseTlogProof,
  rootOfInclusion,
  utf8ToBytes,
} from "@obsqra/receipts";
import {
  type Check,
  type CheckName,
  expectThat,
  type Finding,
  findingOf,
  passed,
  runCheck,
  type Verification,
} from "../check.ts";
import { checkHistory } from "../check-history.ts";
import { checkInclusion } from "../check-inclusion.ts";
import { checkKeys, checkLogSignature, readKeys } from "../check-keys.ts";
import { checkTime } from "../check-time.ts";
import { refuseOldEngines } from "../engine.ts";
import { judge } from "../judge.ts";
import { momentOf } from "../moment-of.ts";
import { type LogEntry, openCheckedLog, parseEntry, withTimeout } from "../read-log.ts";
import type { VerifyOptions } from "../verify-options.ts";
import { type ChainsReceipt, parseChainsReceipt } from "./chains-receipt.ts";
import { checkShownChain } from "./check-shown-chain.ts";

/**
 * Checks that the log of a service has where the chains of a user ended, and, of a page of one of them that the service shows now, that it
 * goes on from there. It never throws for what a service says or does not say.
 *
 * @param receipt as its owner gets it, or has kept it
 * @returns every check with what was compared
 * @throws UnsupportedEngineError
 */
export async function verifyChains(receipt: unknown, options: VerifyOptions = {}): Promise<Verification> {
  refuseOldEngines();
  const { fetch = withTimeout(globalThis.fetch), witnesses = [] } = options;
  const checks: Check[] = [];
  const check = async (name: CheckName, find: () => Finding | Promise<Finding>) => {
    checks.push(await runCheck(name, find));
  };
  let subject: Subject;
  try {
    subject = readSubject(parseChainsReceipt(receipt));
  } catch (error) {
    return { verdict: "failed", checks: [{ name: "entry", ...findingOf(error) }] };
  }
  const { checkpoint, entry } = subject;
  const logUrl = options.logUrl ?? subject.receipt.log_url;
  const log = openCheckedLog(checkpoint, logUrl, fetch);
  const keys = readKeys(logUrl, fetch);
  // Both checks that await it report why it cannot be read.
  keys.catch(() => {});
  await check("entry", () => checkEntry(subject));
  await check("chains", () => checkChains(subject));
  await check("answer", () => checkShownChain(subject.receipt.chains, options.answer));
  await check("inclusion", () => checkInclusion(subject.receipt.entry, subject));
  await check("keys", async () => checkKeys(await keys, log, options.trustedKey));
  await check("signature", async () => checkLogSignature(checkpoint, await keys));
  await check("history", () => checkHistory(log, options.knownCheckpoint));
  const { witnessed_checkpoint } = subject.receipt;
  const target_at = new Date(momentOf(entry.logged_at) + dayMs).toISOString();
  await check("time", () =>
    checkTime({ ...subject, witnessed_checkpoint, target_at }, log, { witnesses, keys }),
  );
  return { verdict: judge(checks), checks };
}

/** So late a witness may come: the log commits to chains once a day. */
const dayMs = 86_400_000;

interface Subject {
  readonly receipt: ChainsReceipt;
  readonly entry: LogEntry;
  readonly index: number;
  readonly proof: readonly Uint8Array[];
  readonly checkpoint: Checkpoint;
}

function readSubject(receipt: ChainsReceipt): Subject {
  const { index, proof, checkpoint } = parseTlogProof(receipt.tlog_proof);
  return { receipt, entry: parseEntry(receipt.entry), index, proof, checkpoint: parseCheckpoint(checkpoint) };
}

function checkEntry({ receipt, entry }: Subject): Finding {
  expectThat(entry.type === "chain_heads", "The entry is not about chains.");
  expectThat(
    canonicalJson(entry) === receipt.entry,
    "The entry is not in canonical form: it could be read in two ways.",
  );
  return passed(
    `The entry commits to where ${String(entry.chains)} chains ended, logged at ${entry.logged_at}.`,
  );
}

/** That each of the chains leads to the root in the entry. */
function checkChains({ receipt, entry }: Subject): Finding {
  const root = fromBase64(String(entry.root));
  const { logged_at } = entry;
  const ends = receipt.chains.map(({ log, position, hash, index, proof }) => {
    const leaf = canonicalJson({ hash, log, logged_at, owner_id: receipt.owner_id, position });
    const place = { index, size: Number(entry.chains) };
    const found = rootOfInclusion(hashLeaf(utf8ToBytes(leaf)), place, proof.map(fromBase64));
    expectThat(
      areEqual(found, root),
      `The log does not commit to it that the chain ${log} ended with entry ${position}, ${hash}.`,
    );
    return `${log} with entry ${position}`;
  });
  return passed(`Your chains are among them: ${ends.join(", ")}.`);
}
