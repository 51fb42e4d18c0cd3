import type { Rule } from "./judge-migrations.ts";

/** What a migration does against the rules, and why the version before bears it, or that it does not. */
export interface MigrationException {
  readonly rules: readonly Rule[];
  readonly why: string;
}

const neverDone =
  "It only refuses what no version does: to change what is appended, or to write what cannot be true.";
const widened = "The check that takes its place takes all that the one before took.";
const stopped = "Servers of the version before have to be stopped, as docs/operations.md says.";

export const migrationExceptions: Readonly<Record<string, MigrationException>> = {
  "0002-champion-and-challenger": {
    rules: ["refuses rows", "refuses duplicates", "adds a trigger"],
    why: neverDone,
  },
  "0003-accounts": { rules: ["refuses rows"], why: widened },
  "0005-transaction-chain": {
    rules: ["requires a value", "refuses rows", "adds a trigger"],
    why: "The trigger gives what is required to rows that come without it, and amounts have had those limits from the start.",
  },
  "0006-analytics-cache": { rules: ["drops a table"], why: "Nothing used it, and it is made anew." },
  "0008-events-and-owners": { rules: ["renames", "adds a trigger"], why: stopped },
  "0009-protocol-statuses": {
    rules: ["adds a trigger"],
    why: "It takes what an older version writes for the word of the registry.",
  },
  "0010-retention": {
    rules: ["adds a trigger"],
    why: "It allows more than the one before, and refuses models without a file.",
  },
  "0011-sizes-and-storage": {
    rules: ["adds a trigger"],
    why: "It counts what is stored, whoever stores it.",
  },
  "0012-bound-chains": {
    rules: ["refuses rows", "takes a default away", "drops a column", "adds a trigger", "drops a function"],
    why: stopped,
  },
  "0016-transaction-outcomes": { rules: ["refuses rows"], why: widened },
  "0017-open-transactions-of-owners": {
    rules: ["requires a value"],
    why: "Rows are written by a trigger, which it replaces; what fails of 0016 beside it is in docs/operations.md.",
  },
  "0021-protocol-figures": { rules: ["adds a trigger"], why: "It notes what changes, whoever changes it." },
  "0025-revisions-end": { rules: ["adds a trigger"], why: "It allows more than the one before." },
  "0028-unknown-kinds": { rules: ["refuses rows"], why: widened },
  "0030-possible-forecasts": { rules: ["refuses rows", "adds a trigger"], why: neverDone },
  "0031-threshold-alerts": {
    rules: ["refuses rows", "changes a type"],
    why: "Whole numbers, and all causes before, fit.",
  },
  "0037-second-factors": { rules: ["refuses rows"], why: widened },
  "0042-agent-grants": {
    rules: ["refuses rows"],
    why: "Its columns are new: whoever does not know them leaves all of them out.",
  },
  "0047-organisations": {
    rules: ["refuses rows"],
    why: "Its column is new: whoever does not know it makes no organisation.",
  },
};
