import type { Preferences } from "@obsqra/contract";
import { waitForEvents } from "@obsqra/db/testing";
import { sealUnsubscription } from "../alerts/unsubscription.ts";
import { type AlertDependencies, writeAlerts } from "../alerts/write-alerts.service.ts";
import type { Alert } from "../mail/alert.ts";
import { signUpVerified } from "./account-steps.ts";
import type { TestApi } from "./create-test-api.ts";
import { readMails } from "./read-mails.ts";

const { signal } = new AbortController();
let hashes = 0;

/** A user with a confirmed address who holds something, and who has chosen; with the token that a mail would end alerts with. */
export async function signUpHolder(
  api: TestApi,
  {
    allocation = { nostra: 100 },
    ...preferences
  }: Partial<Preferences> & { readonly allocation?: Record<string, number> } = {},
) {
  const email = `${api.deps.createId()}@example.org`;
  const caller = await signUpVerified(api, email);
  await caller.users.update_preferences(preferences);
  const { id } = await caller.auth.me();
  hashes += 1;
  const tx_hash = `0x${(0xa1e000 + hashes).toString(16)}`;
  await caller.transactions.create({ tx_hash, tx_type: "allocate", amount: "1", allocation });
  const unsubscription = sealUnsubscription(api.deps.sealer, id);
  return { id, email, caller, tx_hash, unsubscription };
}

/** Writes alerts about everything that has happened until now. */
export async function writeAllAlerts({ deps }: { readonly deps: AlertDependencies }) {
  await waitForEvents(deps.db);
  return writeAlerts(deps, signal);
}

/** What is waiting to be mailed to an address, alerts only: those of each mail. */
export async function alertMailsTo(api: TestApi, email: string): Promise<(readonly Alert[])[]> {
  return (await readMails(api)).flatMap((mail) =>
    mail.to === email && (mail.template === "alerts" || mail.template === "alert_digest")
      ? [mail.alerts]
      : [],
  );
}
