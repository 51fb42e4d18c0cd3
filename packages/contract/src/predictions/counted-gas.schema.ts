import { z } from "zod";
import { timestamp } from "../common/common.schema.ts";
import { whole } from "../figures/figures.ts";

/** What a move costs in gas on a chain, as it was read there. */
export const chainGas = z
  .object({
    chain: z.string(),
    usd: z
      .string()
      .describe(
        "US dollars of one deposit or withdrawal: a documented amount of gas at the prices of a block, times what the fee token costs by an oracle on that chain as of that block",
      ),
    block: whole("block number").describe("Whose prices these are, so that anybody can read them again"),
    read_at: timestamp.describe("When that block was made"),
  })
  .meta({ id: "ChainGas" });
export type ChainGas = z.output<typeof chainGas>;

export const gasSource = z
  .enum(["chain", "assumed", "mixed"])
  .describe(
    "chain: gas was counted by the prices of a block; assumed: by documented figures, because no price is read of the chains that are moved on, or the one that was is older than an hour or not plausible; mixed: some of it each way",
  );
export type GasSource = z.output<typeof gasSource>;

export const gasReadAt = timestamp
  .nullable()
  .describe(
    "When the block was made whose prices were counted, the oldest of several; null where all is assumed",
  );
