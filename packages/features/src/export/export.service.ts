import type { ExportDataInput, ExportPage, ExportRecord } from "@obsqra/contract";
import { exportRecord } from "@obsqra/contract";
import { AppError, defineCommand, pageBytesMax } from "@obsqra/platform";
import { z } from "zod";
import { storeEvent } from "../accounts/audit/audit.service.ts";
import { ownerEvent, prepareEvent } from "../accounts/audit/audit-event.ts";
import { type ExportDependencies, exportSectionsOf } from "./export-sections.ts";

/** Whose export it is, when it was begun, the section that comes next, and its own cursor, or "" where it begins. */
const position = z.tuple([z.uuid(), z.iso.datetime(), exportRecord.shape.kind, z.string().max(512)]);
type Position = z.output<typeof position>;

/** How long an export can be read. After that it takes another event in the audit log. */
const lifetimeMs = 24 * 60 * 60 * 1000;

/** Begins an export: an event in the audit log, and the cursor of the first page. */
export const startExport = defineCommand({
  plan: async (deps: ExportDependencies) => {
    const { owner_id } = deps.actor;
    const [first] = exportSectionsOf(deps);
    const now = deps.clock();
    const started_at = now.toISOString();
    return {
      event: prepareEvent(deps, ownerEvent(deps.actor, { type: "data_exported" })),
      started: {
        started_at,
        cursor: sealCursor(deps, [owner_id, started_at, first.kind, ""]),
        expires_at: new Date(now.getTime() + lifetimeMs).toISOString(),
      },
    };
  },
  write: async (trx, { event, started }) => {
    await storeEvent(trx, event);
    return started;
  },
});

/**
 * A page of everything that is stored about the owner. What is added while somebody reads page after page moves nothing:
 * each section is listed newest first, wallets as they were linked.
 *
 * @throws AppError EXPORT_NOT_STARTED without a cursor; CURSOR_INVALID when its export is over or somebody else's
 */
export async function getExportRecords(
  deps: ExportDependencies,
  input: ExportDataInput,
): Promise<ExportPage> {
  if (input.cursor === undefined) throw new AppError("EXPORT_NOT_STARTED", undefined);
  const [owner_id, startedAt, firstKind, firstCursor] = openCursor(deps, input.cursor);
  const all = exportSectionsOf(deps);
  const sections = all.slice(all.findIndex(({ kind }) => kind === firstKind));
  const items: ExportRecord[] = [];
  let cursor = firstCursor === "" ? undefined : firstCursor;
  let largeBytes = 0;
  for (const { kind, list, isLarge = false } of sections) {
    const limit = input.limit - items.length;
    // A page has about as many bytes as one section may give it, not several.
    if (limit === 0 || (isLarge && largeBytes > pageBytesMax / 2))
      return toExportPage(deps, items, [owner_id, startedAt, kind, ""]);
    const page = await list(deps, { sort: "newest", limit, cursor });
    items.push(...page.items.map((record) => toRecord(kind, record)));
    if (isLarge) largeBytes += JSON.stringify(page.items).length;
    if (page.next_cursor !== null) {
      return toExportPage(deps, items, [owner_id, startedAt, kind, page.next_cursor]);
    }
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

/** @throws AppError CURSOR_INVALID */
function openCursor({ sealer, clock, actor }: ExportDependencies, cursor: string): Position {
  try {
    const next = position.parse(JSON.parse(sealer.open(Buffer.from(cursor, "base64url"))));
    const [owner, startedAt] = next;
    if (owner !== actor.owner_id) throw new Error("It is the cursor of somebody else's export.");
    if (clock().getTime() >= Date.parse(startedAt) + lifetimeMs) throw new Error("Its export is over.");
    return next;
  } catch (cause) {
    throw new AppError("CURSOR_INVALID", undefined, { cause });
  }
}

function toRecord(kind: ExportRecord["kind"], record: object): ExportRecord {
  // Responses of endpoints are JSON; the contract checks it once more on the way out.
  return { kind, data: record as ExportRecord["data"] };
}
