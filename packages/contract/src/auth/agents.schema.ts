import { z } from "zod";
import { scope } from "./scope.ts";

/** A request by OAuth has so many characters at most, sealed: the service takes addresses of 8 KiB. */
export const agentRequestLengthMax = 6_000;

export const allowAgentInput = z
  .object({
    request: z
      .string()
      .min(1)
      .max(agentRequestLengthMax)
      .describe("What the service has made of the agent's request, from the address of the page that asks"),
    scopes: z
      .array(scope)
      .min(1)
      .max(scope.options.length)
      .optional()
      .describe("What the agent may do, of what it has asked for. Without it, all of that"),
  })
  .meta({ id: "AllowAgentInput" });
export type AllowAgentInput = z.output<typeof allowAgentInput>;

export const allowedAgent = z
  .object({
    redirect_to: z
      .string()
      .describe(
        "Where the browser goes now: the agent's own address, with the code by which it gets its key",
      ),
  })
  .meta({ id: "AllowedAgent" });
export type AllowedAgent = z.output<typeof allowedAgent>;
