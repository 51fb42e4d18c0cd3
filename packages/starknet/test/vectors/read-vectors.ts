import { readFileSync } from "node:fs";
import { z } from "zod";

/** Integers above 2^53 are decimal strings in the file. */
const integer = z.union([z.int(), z.string().regex(/^\d+$/)]).transform((value) => BigInt(value));
const integers = z.array(integer);
const integerMap = z.record(z.string(), integer);

const schema = z.object({
  risk_score: z.array(
    z.object({
      name: z.string(),
      input: z.object({
        utilization: integer,
        volatility: integer,
        liquidity: integer,
        audit_score: integer,
        age_days: integer,
      }),
      expected: integer,
      components: integerMap,
      in_domain: z.boolean(),
    }),
  ),
  risk_score_params: z.array(
    z.object({
      name: z.string(),
      params: z.object({
        w_utilization: integer,
        w_volatility: integer,
        w_liquidity_0: integer,
        w_liquidity_1: integer,
        w_liquidity_2: integer,
        w_liquidity_3: integer,
        w_audit: integer,
        w_age: integer,
        age_cap_days: integer,
        clamp_min: integer,
        clamp_max: integer,
      }),
      input: z.tuple([integer, integer, integer, integer, integer]),
      expected: integer,
      components: integerMap,
    }),
  ),
  allocation3: z.array(
    z.object({
      name: z.string(),
      input: z.tuple([integer, integer, integer, integer, integer, integer]),
      expected: integers,
    }),
  ),
  allocation2: z.array(
    z.object({ name: z.string(), input: z.tuple([integer, integer, integer, integer]), expected: integers }),
  ),
  verify_constraints: z.array(
    z.object({
      name: z.string(),
      input: z.object({
        nostra_pct: integer,
        zklend_pct: integer,
        ekubo_pct: integer,
        max_single: integer,
        min_diversification: integer,
      }),
      expected: z.boolean(),
    }),
  ),
  poseidon_pedersen: z.array(z.object({ in: z.array(z.union([z.int(), z.string()])), out: z.string() })),
  snip12: z.tuple([
    z.object({
      typed_data: z.object({
        types: z.record(z.string(), z.array(z.object({ name: z.string(), type: z.string() }))),
        primaryType: z.string(),
        domain: z.object({
          name: z.string(),
          version: z.string(),
          chainId: z.string(),
          revision: z.literal("1"),
        }),
        message: z.record(z.string(), z.union([z.string(), z.number()])),
      }),
      account: z.string(),
      message_hash: z.string(),
      test_private_key: z.string(),
      r: z.string(),
      s: z.string(),
    }),
  ]),
});

/**
 * The reference vectors of RiskEngine 2.2.0 and of one SNIP-12 signature, checked against the compiled contracts in a
 * Cairo VM (see the file's notes).
 */
export const vectors = schema.parse(
  JSON.parse(readFileSync(new URL("./risk-engine-2.2.0.json", import.meta.url), "utf8")),
);
