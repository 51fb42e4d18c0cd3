import { z } from "zod";
import { fullName, user } from "../auth/auth.schema.ts";
import {
  apyThreshold,
  assetName,
  protocolName,
  sharePercent,
  storableText,
  timestamp,
  usdAmount,
} from "../common/common.schema.ts";
import { whole } from "../figures/figures.ts";
import { plan } from "./plan.ts";

export const riskTolerance = z.enum(["low", "medium", "high"]).meta({ id: "RiskTolerance" });
export type RiskTolerance = z.output<typeof riskTolerance>;

/** What a holder wishes of an allocation; in preferences, and of one run of the optimiser. */
export const allocationWishes = {
  assets: z
    .array(assetName)
    .max(32)
    .describe(
      "The assets that you hold or accept. Only markets of these are suggested, so that nothing has to be exchanged into anything else. Empty means those of the markets that you hold, where it is known which they are, and all where it is not",
    ),
  stable_only: z.boolean().describe("Only markets of assets that keep the price of a currency"),
  single_asset_only: z.boolean().describe("No pools of several assets, which have impermanent loss"),
  amount: usdAmount
    .nullable()
    .describe(
      "Your whole portfolio in US dollars: it decides what gas weighs, how your own deposit dilutes a yield, and how much can leave again. 10,000 is assumed without it",
    ),
  max_protocol_share: sharePercent
    .min(1)
    .nullable()
    .describe(
      "Largest share of one protocol, percent. Without it 50, and what is above that already need not leave",
    ),
  max_market_share: sharePercent
    .min(1)
    .nullable()
    .describe(
      "Largest share of one market, percent. Without it 50, and what is above that already need not leave",
    ),
  max_chain_share: sharePercent
    .min(1)
    .nullable()
    .describe(
      "Largest share of what is on one chain, percent. Without it there is no such limit. What you hold in a protocol of several chains without saying in which market is not counted",
    ),
  must_stay: z
    .array(storableText(200))
    .max(100)
    .describe(
      "Markets by market_id, and protocols by name, of which nothing may leave, whatever it earns and however much it is; more may come",
    ),
  horizon_days: whole("days")
    .min(1)
    .max(365)
    .nullable()
    .describe(
      "For so long you keep what you enter, which spreads its costs; by default as many days as are forecast",
    ),
};

const preferenceFields = {
  risk_tolerance: riskTolerance.describe("Which limits the optimiser keeps"),
  auto_rebalance_enabled: z
    .boolean()
    .describe(
      "Whether a move is suggested without your asking when forecasts advise one; nothing moves money",
    ),
  rebalance_threshold: sharePercent.describe(
    "Percentage points that some share must change by before a move is suggested",
  ),
  email_alerts_enabled: z
    .boolean()
    .describe(
      "Whether mail tells of what concerns you, once your address is confirmed: risk above your threshold, yields forecast below it, markets that may become illiquid, protocols that are paused or exploited, moves that are suggested unasked, failed transactions, webhooks that were disabled. Mail about the security of your account always comes",
    ),
  email_digest_enabled: z
    .boolean()
    .describe(
      "Whether alerts are gathered into one mail a day. Protocols that are paused or exploited, and failed transactions, are mailed at once even so",
    ),
  risk_alert_threshold: whole("points of the RiskEngine score")
    .min(0)
    .max(100)
    .describe(
      "You are told when the risk score of a protocol that you hold or prefer rises above it, or is forecast to; not again before it was 5 points below. With 100, never",
    ),
  yield_alert_threshold: apyThreshold.describe(
    "You are told when the mean APY of a protocol that you hold or prefer is forecast below it, percent; not again before it was a tenth above. With 0, never",
  ),
  illiquidity_alert_threshold: whole("percent")
    .min(0)
    .max(100)
    .describe(
      "You are told when the probability that a lending market of a protocol that you hold or prefer becomes illiquid within 14 days is above it, percent; not again before it was a fifth below. With 100, never",
    ),
  preferred_protocols: z
    .array(protocolName)
    .max(64)
    .describe("Only these may hold money; empty means all active protocols"),
  ...allocationWishes,
};

export const preferences = z.object(preferenceFields).meta({ id: "Preferences" });
export type Preferences = z.output<typeof preferences>;

/** What a new account starts with. */
export const defaultPreferences: Preferences = {
  risk_tolerance: "medium",
  auto_rebalance_enabled: false,
  rebalance_threshold: 5,
  email_alerts_enabled: true,
  email_digest_enabled: false,
  risk_alert_threshold: 60,
  yield_alert_threshold: 0,
  illiquidity_alert_threshold: 50,
  preferred_protocols: [],
  assets: [],
  stable_only: false,
  single_asset_only: false,
  amount: null,
  max_protocol_share: null,
  max_market_share: null,
  max_chain_share: null,
  must_stay: [],
  horizon_days: null,
};

/** Reads stored preferences. One that another version of this service has not written, or wrote differently, has its default. */
export function readPreferences(stored: unknown): Preferences {
  const fields = new Map(Object.entries(stored ?? {}));
  const readable = Object.entries(preferences.shape).filter(
    ([name, schema]) => schema.safeParse(fields.get(name)).success,
  );
  return preferences.parse({
    ...defaultPreferences,
    ...Object.fromEntries(readable.map(([name]) => [name, fields.get(name)])),
  });
}

/** Strict, because a misspelt name in an input without required fields would change nothing and say so nowhere. */
export const updatePreferencesInput = z
  .strictObject(preferenceFields)
  .partial()
  .meta({
    id: "UpdatePreferencesInput",
    examples: [{ risk_tolerance: "low", rebalance_threshold: 2.5 }],
  });
export type UpdatePreferencesInput = z.output<typeof updatePreferencesInput>;

export const updateProfileInput = z
  .strictObject({ full_name: fullName })
  .partial()
  .meta({ id: "UpdateProfileInput", examples: [{ full_name: "Augusta Ada King" }] });
export type UpdateProfileInput = z.output<typeof updateProfileInput>;

export const profile = user
  .extend({
    plan,
    preferences,
    deletion_scheduled_for: timestamp
      .nullable()
      .describe("When the account will be erased, if that was asked for"),
  })
  .meta({ id: "Profile" });
export type Profile = z.output<typeof profile>;
