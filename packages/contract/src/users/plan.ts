import { z } from "zod";

/** What a user may ask for per day depends on it. Operators set it. */
export const plan = z
  .enum(["free", "pro"])
  .describe("Decides how many calls a day are allowed")
  .meta({ id: "Plan" });
export type Plan = z.output<typeof plan>;
