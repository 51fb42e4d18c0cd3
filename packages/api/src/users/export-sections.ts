import type { ExportRecord } from "@obsqra/contract";
import { z } from "zod";
import { getAllocationHistory } from "../analytics/allocation-history.service.ts";
import { getAuditLog } from "../audit/audit.service.ts";
import { getApiKeys } from "../auth/api-keys.service.ts";
import type { AuthDependencies } from "../auth/auth-dependencies.ts";
import { getSessionHistory } from "../auth/sessions.service.ts";
import { getWallets } from "../auth/wallets.service.ts";
import { decodeCursor, nameInKey, toPage } from "../cursor.ts";
import { getSuggestions } from "../predictions/suggestions.service.ts";
import type { SessionPrincipal } from "../principal.ts";
import { getTransactionHistories } from "../transactions/transactions.service.ts";
import { getProfile } from "./users.service.ts";

/** What exporting a user's data uses. */
export type ExportDependencies = AuthDependencies & { readonly principal: SessionPrincipal };

/** A part of an export: a list with stable pages. */
export interface ExportSection {
  readonly kind: ExportRecord["kind"];
  readonly list: (
    deps: ExportDependencies,
    page: { readonly limit: number; readonly cursor: string | undefined },
  ) => Promise<{ readonly items: readonly object[]; readonly next_cursor: string | null }>;
}

/** Everything that is stored about a user, in the order of an export; records are what the endpoints would answer. */
export const exportSections: readonly ExportSection[] = [
  { kind: "profile", list: async (deps) => ({ items: [await getProfile(deps)], next_cursor: null }) },
  { kind: "wallet", list: listWallets },
  { kind: "session", list: getSessionHistory },
  { kind: "api_key", list: getApiKeys },
  { kind: "audit_event", list: getAuditLog },
  { kind: "transaction", list: getTransactionHistories },
  { kind: "allocation", list: getAllocationHistory },
  { kind: "suggestion", list: getSuggestions },
];

const walletKey = z.tuple([z.literal("exported_wallets"), nameInKey]);

/** By address: which wallet is the primary one may change between two pages. */
async function listWallets(
  deps: ExportDependencies,
  { limit, cursor }: { readonly limit: number; readonly cursor: string | undefined },
) {
  const after = decodeCursor(cursor, walletKey)?.[1] ?? "";
  const { items } = await getWallets(deps);
  const rest = items
    .filter((wallet) => wallet.wallet_address > after)
    .toSorted((left, right) => (left.wallet_address < right.wallet_address ? -1 : 1));
  return toPage(rest, limit, (wallet) => ["exported_wallets", wallet.wallet_address]);
}
