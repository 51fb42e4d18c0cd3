import type { ExportDataInput, ExportPage, ExportRecord } from "@obsqra/contract";
import { exportRecord } from "@obsqra/contract";
import { AppError } from "@obsqra/platform";
import { z } from "zod";
import { recordEvent } from "../accounts/audit/audit.service.ts";
import { type ExportDependencies, exportSections } from "./export-sections.ts";

/** Whose export it is, the section that comes next, and its own cursor, or "" where it begins. */
const position = z.tuple([z.uuid(), exportRecord.shape.kind, z.string().max(512)]);
type Position = z.output<typeof position>;

/**
 * A page of everything that is stored about the user. What is added while somebody reads page after page moves nothing:
 * each section is listed newest first, wallets as they were linked. Whatever does not go on with an export of this user is an event in the audit log.
 *
 * @throws AppError CURSOR_INVALID
 */
export async function exportData(deps: ExportDependencies, input: ExportDataInput): Promise<ExportPage> {
  const { user_id } = deps.actor;
  const start = openCursor(deps, input.cursor);
  const [owner, firstKind, firstCursor] = start ?? [undefined, exportSections[0]?.kind, ""];
  if (owner !== user_id) await recordEvent(deps, { user_id, type: "data_exported" });
  const sections = exportSections.slice(exportSections.findIndex(({ kind }) => kind === firstKind));
  const items: ExportRecord[] = [];
  let cursor = firstCursor === "" ? undefined : firstCursor;
  for (const { kind, list } of sections) {
    const limit = input.limit - items.length;
    if (limit === 0) return toExportPage(deps, items, [user_id, kind, ""]);
    const page = await list(deps, { sort: "newest", limit, cursor });
    items.push(...page.items.map((data) => toRecord(kind, data)));
    if (page.next_cursor !== null) return toExportPage(deps, items, [user_id, kind, page.next_cursor]);
    cursor = undefined;
  }
  return toExportPage(deps, items, undefined);
}

function toExportPage(
  deps: Pick<ExportDependencies, "clock" | "sealer">,
  items: ExportRecord[],
  next: Position | undefined,
): ExportPage {
  return {
    exported_at: deps.clock().toISOString(),
    items,
    next_cursor: next === undefined ? null : sealCursor(deps, next),
  };
}

/** Sealed, so that nobody can make one up and export without leaving an event. */
function sealCursor({ sealer }: Pick<ExportDependencies, "sealer">, next: Position): string {
  return Buffer.from(sealer.seal(JSON.stringify(next))).toString("base64url");
}

function openCursor(
  { sealer }: Pick<ExportDependencies, "sealer">,
  cursor: string | undefined,
): Position | undefined {
  if (cursor === undefined) return undefined;
  try {
    return position.parse(JSON.parse(sealer.open(Buffer.from(cursor, "base64url"))));
  } catch (cause) {
    throw new AppError("CURSOR_INVALID", undefined, { cause });
  }
}

function toRecord(kind: ExportRecord["kind"], data: object): ExportRecord {
  // Outputs of endpoints are JSON; the contract checks it once more on the way out.
  return { kind, data: data as ExportRecord["data"] };
}
