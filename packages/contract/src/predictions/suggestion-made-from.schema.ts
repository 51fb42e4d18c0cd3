import { z } from "zod";
import { protocolName } from "../common/common.schema.ts";
import { whole } from "../figures/figures.ts";
import { chainGas } from "./counted-gas.schema.ts";

/** What a suggestion was made from, beside what it says itself: with its basis, all that it takes to make it again. */
export const suggestionMadeFrom = z
  .object({
    revision: whole("revision").describe(
      "Of the arithmetic: the same gives the same suggestion, to the last bit",
    ),
    basis_sha256: z
      .string()
      .describe(
        "Of what was known and forecast of all markets and protocols, which nobody's own data is part of: published at /artefacts/<sha256>",
      ),
    basis_published: z.boolean().describe("Whether it is; an operator may withhold market data"),
    import_id: z.uuid().describe("Of the market data that the forecasts are from"),
    held: z
      .array(
        z.object({
          protocol: protocolName,
          market_id: z.string().nullable(),
          basis_points: whole("basis points").min(0).max(10_000).describe("Of the portfolio"),
        }),
      )
      .describe("What you held, as far as logged or stated"),
    wishes: z.object({
      assets: z.array(z.string()).optional(),
      stable_only: z.boolean().optional(),
      single_asset_only: z.boolean().optional(),
      protocols: z.array(z.string()).optional(),
      max_protocol_bp: whole("basis points").optional().describe("Largest share of one protocol"),
      max_market_bp: whole("basis points").optional().describe("Largest share of one market"),
      must_stay: z.array(z.string()).optional(),
      max_chain_bp: whole("basis points").optional().describe("Largest share of what is on one chain"),
    }),
    gas: z
      .array(chainGas)
      .default([])
      .describe("What a move cost where that was read; on other chains it was as documented"),
    rebalance_threshold_bp: whole("basis points").describe(
      "The smallest change of a share that is worth a move",
    ),
  })
  .meta({ id: "SuggestionMadeFrom" });

/** Where the receipt of a suggestion is, below the service's address. */
export function suggestionReceiptPath(id: string): string {
  return `/api/v1/predictions/rebalance-suggestions/${id}/receipt`;
}
