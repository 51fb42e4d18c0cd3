export const chainTexts = {
  check: "Check in this browser",
  lead: "Each entry has the hash of the one before. Your browser reads them all and computes every hash itself.",
  checking: (position: string) => `Entry ${position} …`,
  holds: (count: string) =>
    `Holds: ${count} ${count === "1" ? "entry" : "entries"}, none changed, left out or put in.`,
  broken: (position: string) => `Entry ${position} is not what was hashed, or is missing.`,
  keep: "Keep this, to see later that nothing was cut off:",
} as const;
