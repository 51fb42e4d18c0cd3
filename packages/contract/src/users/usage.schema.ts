import { z } from "zod";
import { plan } from "./plan.ts";

/** One limit, and how far the caller has used it. */
const usedLimit = z
  .object({
    policy: z
      .string()
      .describe("As RateLimit-Policy names it: ip, key and user are per minute, day is the plan's quota"),
    quota: z
      .int()
      .positive()
      .describe("Points of a window; a call counts one, unless its description says more"),
    window_seconds: z.int().positive(),
    remaining: z.int().min(0).describe("Points that are left"),
    reset_seconds: z.int().positive().describe("Seconds until all points are back"),
  })
  .meta({ id: "UsedLimit" });

export const usage = z
  .object({
    plan,
    limits: z.array(usedLimit).describe("Empty where calls are not counted"),
  })
  .meta({ id: "Usage" });
export type Usage = z.output<typeof usage>;
