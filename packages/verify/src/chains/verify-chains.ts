import {
  areEqual,
  canonicalJson,
  fromBase64,
  hashLeaf,
  rootOfInclusion,
  utf8ToBytes,
} from "@obsqra/receipts";
import { expectThat, type Finding, passed, type Verification } from "../check.ts";
import { momentOf } from "../moment-of.ts";
import type { VerifyOptions } from "../verify-options.ts";
import { expectCanonical, readSubject, type Subject, verifyReceipt } from "../verify-receipt.ts";
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
  return verifyReceipt(() => readSubject(parseChainsReceipt(receipt)), options, {
    ofEntry: (subject) => ({
      entry: () => checkEntry(subject),
      chains: () => checkChains(subject),
      answer: () => checkShownChain(subject.receipt.chains, options.answer),
    }),
    targetAt: ({ entry }) => new Date(momentOf(entry.logged_at) + dayMs).toISOString(),
  });
}

/** So late a witness may come: it may have been away. */
const dayMs = 86_400_000;

function checkEntry(subject: Subject<ChainsReceipt>): Finding {
  const { entry } = subject;
  expectThat(entry.type === "chain_heads", "The entry is not about chains.");
  expectCanonical(subject);
  return passed(
    `The entry commits to where ${String(entry.chains)} chains ended, logged at ${entry.logged_at}.`,
  );
}

/** That each of the chains leads to the root in the entry. */
function checkChains({ receipt, entry }: Subject<ChainsReceipt>): Finding {
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
