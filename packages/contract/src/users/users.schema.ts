import { z } from "zod";
import { user } from "../auth/auth.schema.ts";
import { protocolName } from "../common.schema.ts";

export const riskTolerance = z.enum(["low", "medium", "high"]).meta({ id: "RiskTolerance" });
export type RiskTolerance = z.output<typeof riskTolerance>;

const preferenceFields = {
  risk_tolerance: riskTolerance.describe("Which limits the optimiser keeps"),
  auto_rebalance_enabled: z.boolean().describe("Whether rebalances may be prepared without asking"),
  rebalance_threshold: z
    .number()
    .min(0)
    .max(100)
    .multipleOf(0.01)
    .describe("Percentage points that some share must change by before a move is suggested"),
  email_alerts_enabled: z.boolean(),
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
  preferred_protocols: [],
};

export const updatePreferencesInput = z
  .object(preferenceFields)
  .partial()
  .meta({ id: "UpdatePreferencesInput" });
export type UpdatePreferencesInput = z.output<typeof updatePreferencesInput>;

export const profile = user.extend({ preferences }).meta({ id: "Profile" });
export type Profile = z.output<typeof profile>;
