import { z } from "zod";
import { whole } from "../figures/figures.ts";
import { plan } from "./plan.ts";

/** One limit, and how far the caller has used it. */
const usedLimit = z
  .object({
    policy: z
      .string()
      .describe("As RateLimit-Policy names it: ip, key and user are per minute, day is the plan's quota"),
    quota: whole("points")
      .positive()
      .describe("Points of a window; a call counts one, unless its description says more"),
    window_seconds: whole("seconds").positive().describe("How long a window is"),
    remaining: whole("points").min(0).describe("Points that are left"),
    reset_seconds: whole("seconds").positive().describe("Seconds until all points are back"),
  })
  .meta({ id: "UsedLimit" });

const storageUse = z
  .object({
    records: whole("records").min(0).describe("Transactions and suggestions that are stored"),
    bytes: whole("bytes")
      .min(0)
      .describe("What they take: their JSON, and 700 bytes each for everything else"),
    quota_bytes: whole("bytes").positive().describe("What the plan has room for"),
  })
  .meta({ id: "StorageUse" });

export const usage = z
  .object({
    plan,
    storage: storageUse,
    limits: z.array(usedLimit).describe("Empty where calls are not counted"),
  })
  .meta({ id: "Usage" });
export type Usage = z.output<typeof usage>;
