import { readFileSync } from "node:fs";

/**
 * The processor time that this process and those that it has started and seen end have used until now, in milliseconds. Other
 * than Linux says nothing of those that have ended.
 */
export function readProcessorTimeMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000 + readEndedMs();
}

/** Linux counts it in hundredths of a second, whatever the machine. */
const tickMs = 10;

function readEndedMs(): number {
  if (process.platform !== "linux") return 0;
  // The name of the command, the second figure, may have spaces, and is in brackets.
  const [, facts = ""] = readFileSync("/proc/self/stat", "utf8").split(") ");
  const [user, system] = facts.split(" ").slice(13, 15).map(Number);
  return ((user ?? 0) + (system ?? 0)) * tickMs;
}
