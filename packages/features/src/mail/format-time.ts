/** Exact to the minute and the same for every reader: `2026-01-15 12:00 UTC`. */
export function formatTime(timestamp: string): string {
  const time = new Date(timestamp);
  if (Number.isNaN(time.getTime())) return "unknown";
  return `${time.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
