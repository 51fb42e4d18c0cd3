import { z } from "zod";
import { sha256Hex } from "../common/common.schema.ts";

export const serviceVersion = z
  .object({
    version: z.string().describe("Of the service, as in 1.4.2"),
    api: z
      .literal("v1")
      .describe("The prefix of REST paths below /api; another one will mean another contract"),
    contract_sha256: sha256Hex.describe(
      "The same for two services that take and give the same: of endpoints, schemas, access and errors, without texts",
    ),
  })
  .meta({ id: "ServiceVersion" });
export type ServiceVersion = z.output<typeof serviceVersion>;
