export { formatColumns } from "@obsqra/cli/format-columns";

/** Such as `2026-11-01T00:00Z`; empty for null. */
export function formatMinute(moment: Date | null): string {
  return moment === null ? "" : `${moment.toISOString().slice(0, 16)}Z`;
}
