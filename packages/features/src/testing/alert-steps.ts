import type { Preferences } from "@obsqra/contract";
import { waitForEvents } from "@obsqra/db/testing";
import { writeTransaction } from "@obsqra/platform";
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

/** Says once more that what the newest model of a kind has forecast was published. */
export async function publishForecasts({ deps }: TestApi, kind: "risk" | "yield"): Promise<void> {
  const { model_version, source, import_id, forecasts } = await newestRun(deps.db, kind);
  const payload = { kind, source, import_id, count: forecasts };
  await writeTransaction(deps, async (_trx, emit) =>
    emit({ type: "forecasts.published", subject: model_version, owner_id: null, payload }),
  );
}

function newestRun(db: AlertDependencies["db"], kind: "risk" | "yield") {
  return db
    .selectFrom("forecast_runs")
    .select(["model_version", "source", "import_id", "forecasts"])
    .where("kind", "=", kind)
    .orderBy("sequence", "desc")
    .limit(1)
    .executeTakeFirstOrThrow();
}

/** What is planted as a forecast of a market's risk. */
interface PlantedIlliquidity {
  readonly market_id: string;
  readonly protocol: string;
  /** 0 to 1. */
  readonly probability: number;
  readonly as_of: Date;
}

/** Plants forecasts of illiquidity as the newest run's, since no simulated market has been illiquid for a model to learn from. */
export async function plantIlliquidity(
  { deps: { db, createId } }: TestApi,
  forecasts: readonly PlantedIlliquidity[],
): Promise<void> {
  const { model_version, source, import_id } = await newestRun(db, "risk");
  const rows = forecasts.map(({ market_id, protocol, probability, as_of }) => ({
    ...{ id: createId(), kind: "risk" as const, source, protocol, market_id, model_version, import_id },
    ...{ value: 50, lower: 40, upper: 60, interval_level: 0.9, confidence: 0.5, confidence_tolerance: 5 },
    ...{ current_value: 50, baseline_value: 50, served_by: "model" as const, stale: false, on_record: true },
    ...{ actual_value: null, actual_at: null, actual_import_id: null, closed_at: null },
    as_of,
    target_at: new Date(as_of.getTime() + 7 * 86_400_000),
    created_at: as_of,
    details: JSON.stringify({ illiquidity_probability: probability }),
  }));
  await db.insertInto("predictions").values(rows).execute();
}
