import type { ExportRecord } from "@obsqra/contract";
import { isForOrganisation, type SessionActor } from "@obsqra/platform";
import { getApiKeys } from "../accounts/api-keys/api-keys.service.ts";
import { getAuditLog } from "../accounts/audit/audit.service.ts";
import type { AuthDependencies } from "../accounts/auth-dependencies.ts";
import { getIdentities } from "../accounts/identities/identities.service.ts";
import { getInvitations } from "../accounts/organisations/invitations.service.ts";
import { getMembers } from "../accounts/organisations/members.service.ts";
import { getOrganisation, getOrganisations } from "../accounts/organisations/organisations.service.ts";
import { getPasskeys } from "../accounts/passkeys/passkeys.service.ts";
import { getPreferences, getProfile } from "../accounts/profile/profile.service.ts";
import { getRememberedDevices } from "../accounts/remembered-devices/remembered-devices.service.ts";
import { getSecondFactor } from "../accounts/second-factor/second-factor.service.ts";
import { getSessionHistory } from "../accounts/sessions/sessions.service.ts";
import { getWallets } from "../accounts/wallets/wallets.service.ts";
import { getAlerts } from "../alerts/alerts.service.ts";
import { getAllocationHistory } from "../analytics/allocation-history.service.ts";
import { getSuggestions } from "../predictions/advice/suggestions.service.ts";
import { getTransactionEntries } from "../transactions/transaction-entries.service.ts";
import { getTransactions } from "../transactions/transactions.service.ts";
import { getAttempts, getDeliveries } from "../webhooks/deliveries.service.ts";
import { getWebhooks } from "../webhooks/webhooks.service.ts";

/** What exporting an owner's data uses. */
export type ExportDependencies = AuthDependencies & { readonly actor: SessionActor };

/** The parts of an export, of which there is one at least. */
type ExportSections = readonly [ExportSection, ...ExportSection[]];

/** A part of an export: a list with stable pages. */
interface ExportSection {
  readonly kind: ExportRecord["kind"];
  /** Whether its records hold JSON of the user's own making, so that its pages are bounded by bytes. */
  readonly isLarge?: boolean;
  readonly list: (
    deps: ExportDependencies,
    page: { readonly sort: "newest"; readonly limit: number; readonly cursor: string | undefined },
  ) => Promise<{ readonly items: readonly object[]; readonly next_cursor: string | null }>;
}

/** What is an organisation's as well as a user's. */
const ownedSections: ExportSections = [
  { kind: "api_key", list: getApiKeys },
  { kind: "audit_event", list: getAuditLog },
  { kind: "transaction", list: getTransactions, isLarge: true },
  { kind: "transaction_entry", list: getTransactionEntries, isLarge: true },
  { kind: "allocation", list: getAllocationHistory },
  { kind: "suggestion", list: getSuggestions, isLarge: true },
  { kind: "webhook", list: getWebhooks },
  {
    kind: "webhook_delivery",
    list: (deps, page) => getDeliveries(deps, { ...page, webhook_id: undefined, status: undefined }),
  },
  {
    kind: "webhook_attempt",
    list: (deps, page) => getAttempts(deps, { ...page, delivery_id: undefined }),
    isLarge: true,
  },
  { kind: "alert", list: getAlerts },
];

/** Everything that is stored about a user, in the order of an export; records are what the endpoints would return. */
const userSections: ExportSections = [
  { kind: "profile", list: async (deps) => ({ items: [await getProfile(deps)], next_cursor: null }) },
  { kind: "wallet", list: getWallets },
  { kind: "session", list: getSessionHistory },
  {
    kind: "second_factor",
    list: async (deps) => ({ items: [await getSecondFactor(deps)], next_cursor: null }),
  },
  { kind: "remembered_device", list: getRememberedDevices },
  { kind: "passkey", list: getPasskeys },
  { kind: "identity", list: getIdentities },
  { kind: "membership", list: getOrganisations },
  ...ownedSections,
];

/** The same of an organisation. */
const organisationSections: ExportSections = [
  {
    kind: "organisation",
    list: async (deps) => {
      const preferences = await getPreferences(deps);
      return { items: [{ ...(await getOrganisation(deps)), preferences }], next_cursor: null };
    },
  },
  { kind: "member", list: getMembers },
  { kind: "invitation", list: getInvitations },
  ...ownedSections,
];

/** The sections of an export for whom the call is. */
export function exportSectionsOf({ actor }: Pick<ExportDependencies, "actor">): ExportSections {
  return isForOrganisation(actor) ? organisationSections : userSections;
}
