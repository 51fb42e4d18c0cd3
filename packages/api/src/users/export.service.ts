import type { ExportDataInput, ExportPage, ExportRecord } from "@obsqra/contract";
import { exportRecord } from "@obsqra/contract";
import { z } from "zod";
import { recordEvent } from "../audit/audit.service.ts";
import { decodeCursor, encodeCursor } from "../cursor.ts";
import { type ExportDependencies, exportSections } from "./export-sections.ts";

/** The section that comes next, and its own cursor, or "" where it begins. */
const pageKey = z.tuple([z.literal("export"), exportRecord.shape.kind, z.string().max(512)]);

/**
 * A page of everything that is stored about the user. What is added while somebody reads page after page moves nothing:
 * each section is listed newest first.
 *
 * @throws AppError CURSOR_INVALID
 */
export async function exportData(deps: ExportDependencies, input: ExportDataInput): Promise<ExportPage> {
  const start = decodeCursor(input.cursor, pageKey);
  if (start === undefined) {
    await recordEvent(deps, { user_id: deps.principal.user_id, type: "data_exported" });
  }
  const [, firstKind, firstCursor] = start ?? ["export", exportSections[0]?.kind, ""];
  const sections = exportSections.slice(exportSections.findIndex(({ kind }) => kind === firstKind));
  const items: ExportRecord[] = [];
  let cursor = firstCursor === "" ? undefined : firstCursor;
  for (const { kind, list } of sections) {
    const limit = input.limit - items.length;
    if (limit === 0) return toExportPage(deps, items, ["export", kind, ""]);
    const page = await list(deps, { limit, cursor });
    items.push(...page.items.map((answer) => toRecord(kind, answer)));
    if (page.next_cursor !== null) return toExportPage(deps, items, ["export", kind, page.next_cursor]);
    cursor = undefined;
  }
  return toExportPage(deps, items, undefined);
}

function toExportPage(
  { clock }: Pick<ExportDependencies, "clock">,
  items: ExportRecord[],
  next: z.output<typeof pageKey> | undefined,
): ExportPage {
  return {
    exported_at: clock().toISOString(),
    items,
    next_cursor: next === undefined ? null : encodeCursor(next),
  };
}

function toRecord(kind: ExportRecord["kind"], answer: object): ExportRecord {
  // Answers of endpoints are JSON; the contract checks it once more on the way out.
  return { kind, data: answer as ExportRecord["data"] };
}
