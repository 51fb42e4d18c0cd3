import { z } from "zod";
import { fullName, user } from "../auth/auth.schema.ts";
import { protocolName, sharePercent, timestamp } from "../common/common.schema.ts";
import { plan } from "./plan.ts";

export const riskTolerance = z.enum(["low", "medium", "high"]).meta({ id: "RiskTolerance" });
export type RiskTolerance = z.output<typeof riskTolerance>;

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
      "Whether mail tells of what concerns you, once your address is confirmed: risk above your threshold, protocols that are paused or exploited, moves that are suggested unasked, failed transactions, webhooks that were disabled. Mail about the security of your account always comes",
    ),
  email_digest_enabled: z
    .boolean()
    .describe(
      "Whether alerts are gathered into one mail a day. Protocols that are paused or exploited, and failed transactions, are mailed at once even so",
    ),
  risk_alert_threshold: z
    .int()
    .min(0)
    .max(100)
    .describe(
      "You are told when the risk score of a protocol that you hold or prefer rises above it, or is forecast to; not again before it was 5 points below. With 100, never",
    ),
  preferred_protocols: z
    .array(protocolName)
    .max(64)
    .describe("Only these may hold money; empty means all active protocols"),
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
  preferred_protocols: [],
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
