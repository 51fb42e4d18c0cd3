import type { CommandPlace } from "../this-process.ts";

/** Says what will change before it does, and tells whether to go on. */
export type Announce = (change: string) => Promise<boolean>;

const dryRun = "--dry-run";
const yes = "--yes";

/** Whether a parameter is one of the options of every command that changes something. */
export function isConsent(parameter: string): boolean {
  return parameter === dryRun || parameter === yes;
}

/**
 * Makes the step in which a command says what it will change: at a terminal it asks whether to go on, unless `--yes` is among
 * the options; with `--dry-run` it never goes on; from a script, where nobody could reply, it does.
 *
 * @returns a function that takes a sentence and tells whether to go on
 */
export function createAnnounce(
  options: readonly string[],
  { write, ask }: Pick<CommandPlace, "write" | "ask">,
): Announce {
  return async (change) => {
    write(`${change}\n`);
    const isAgreed = options.includes(yes) || ask === undefined;
    if (!options.includes(dryRun) && (isAgreed || (await ask("Go on? [y/N] ")))) return true;
    write("Nothing was changed.\n");
    return false;
  };
}
