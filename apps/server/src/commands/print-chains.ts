import type { ChainVerdict } from "@obsqra/features";

/** What the chains are of. */
export interface ChainNouns {
  /** Such as `event`. */
  readonly entry: string;
  /** Such as `audit log`. */
  readonly log: string;
}

/**
 * Shows how far each chain goes and its newest hash, or where it does not hold, one line each, as they come.
 *
 * @returns the exit code: 1 when any does not hold
 */
export async function printChains(
  verdicts: AsyncIterable<ChainVerdict>,
  nouns: ChainNouns,
  write: (text: string) => void,
): Promise<number> {
  const faults = {
    order: `an ${nouns.entry} is missing there`,
    link: `it does not follow the ${nouns.entry} before`,
    content: "its content was changed",
    list: "the log is not the one that is listed",
    owner: "its account is gone",
  };
  let broken = 0;
  let logs = 0;
  for await (const { user_id, chain } of verdicts) {
    if (user_id !== undefined) logs += 1;
    const entry = user_id === undefined ? "log" : nouns.entry;
    const whose = user_id ?? "list of logs";
    if ("fault" in chain) {
      broken += 1;
      write(`${whose}  does not hold at ${entry} ${chain.position}: ${faults[chain.fault]}\n`);
    } else {
      write(`${whose}  ${countOf(chain.position, entry)}  ${Buffer.from(chain.hash).toString("hex")}\n`);
    }
  }
  write(broken === 0 ? `${countOf(logs, nouns.log)} checked.\n` : `${broken} of ${logs} do not hold.\n`);
  return broken === 0 ? 0 : 1;
}

/** As in `1 event` and `2 events`. */
export function countOf(count: number, noun: string): string {
  const plural = noun.endsWith("y") ? `${noun.slice(0, -1)}ies` : `${noun}s`;
  return `${count} ${count === 1 ? noun : plural}`;
}
