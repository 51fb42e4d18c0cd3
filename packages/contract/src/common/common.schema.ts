import { z } from "zod";
import { figure } from "../figures/figures.ts";
import { feltText } from "./felt-text.ts";
import { isStorableText, unstorable } from "./json-object.ts";
import { normaliseMoment } from "./normalise-moment.ts";

/** A moment, ISO 8601 in UTC with a `Z`. */
export const timestamp = z.iso.datetime().describe("ISO 8601, UTC");

/** A moment to filter by, as RFC 3339 writes it. Postgres has no year 0. */
export const filterMoment = z
  .string()
  .overwrite(normaliseMoment)
  .check(z.iso.datetime())
  .refine((moment) => moment >= "1970", "use a moment from 1970 on");

/** Name of a protocol, as in `nostra` or `aerodrome-slipstream`. */
export const protocolName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, "use a protocol's name in lower case, such as nostra")
  .describe("Name of a protocol, such as nostra");

/**
 * Percent with at most two decimals, from 0 to 100, made from basis points. Not `multipleOf`: in JSON Schema that makes
 * validators divide doubles, and 32.8 is no multiple of 0.01 among them.
 */
export const sharePercent = percentOf("share");

/** The same of a yield. */
export const apyThreshold = percentOf("apy");

function percentOf(kind: "share" | "apy") {
  return figure(kind).min(0).max(100).refine(hasTwoDecimals, "use at most two decimals");
}

function hasTwoDecimals(percent: number): boolean {
  return Math.round(percent * 100) / 100 === percent;
}

/** The name that stands in an allocation for what is in no protocol. No protocol has it. */
export const unallocatedName = "unallocated";

/** Shares by protocol, in percent; they sum to 100. */
export const allocation = z
  .record(protocolName, sharePercent)
  .describe("Percent per protocol, and of what is unallocated under that name; the shares sum to 100")
  .meta({ id: "Allocation" });
export type Allocation = z.output<typeof allocation>;

/**
 * A non-negative amount as a decimal string: no exponent, no sign, no leading zeros, up to 78 digits before the
 * point, as many as 2^256 has, and 18 after it. A string, because a JSON number cannot hold 18 decimals.
 */
export const decimalAmount = z
  .string({
    error: ({ input }) => (input === undefined ? "is missing" : 'write amounts as strings, such as "1250.5"'),
  })
  .regex(
    // With an empty alternative in place of a question mark: validators take one repetition in another for dangerous.
    /^(0|[1-9][0-9]{0,77})(\.[0-9]{1,18}|)$/,
    "use a plain decimal such as 1250.5, with up to 78 digits and 18 decimals",
  )
  .describe("Decimal string, up to 78 digits before the point and 18 after it");

/** An asset by its symbol, as market feeds write it; upper and lower case do not matter. */
export const assetName = z
  .string()
  .regex(/^[A-Za-z0-9.+$]{1,32}$/, "use the symbol of an asset, such as USDC")
  .describe("Symbol of an asset, such as USDC");

/** US dollars, to the cent, from 1 cent to less than a million million. */
export const usdAmount = z
  .string({
    error: ({ input }) => (input === undefined ? "is missing" : 'write amounts as strings, such as "10000"'),
  })
  .regex(
    // With an empty alternative in place of a question mark, as above.
    /^(0|[1-9][0-9]{0,11})(\.[0-9]{1,2}|)$/,
    "use a plain decimal of US dollars such as 10000 or 10000.50",
  )
  .refine((amount) => /[1-9]/.test(amount), "use more than nothing")
  .describe("US dollars, decimal string with up to 2 decimals");

/** A Starknet address as wallets write it: 0x and up to 64 hexadecimal digits, or decimal. */
export const starknetAddress = feltText().describe(
  "Starknet address, hexadecimal or decimal; responses use the 66-character lower-case form",
);

/** SHA-256 as responses write it. */
export const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/);

/** A field element of Starknet, such as a transaction hash. */
export const felt = feltText();

/** How many days back from the newest observed day that is over a time series reaches. */
export const historyDays = z
  .int()
  .min(1)
  .max(90)
  .default(30)
  .describe("Days back from the newest observed day that was over when the data was loaded, 1 to 90");

/** Opaque position in a list; take it from `next_cursor` of the page before. */
export const cursor = z.string().min(1).max(512).describe("next_cursor of the page before");

/** Position of the next page, or null on the last one. */
export const nextCursor = z
  .string()
  .nullable()
  .describe("Pass as cursor for the next page; null on the last");

/** Where the figures of a response come from. */
export const dataSource = z
  .object({
    name: z.string().describe("defillama, file:<name> or simulated"),
    simulated: z
      .boolean()
      .describe("True when the figures are made up for demonstration; never invest on them"),
    replay: z
      .boolean()
      .describe(
        "True when the figures come from a file: they are as of its last day, however long ago that was, and do not go stale",
      ),
    as_of: timestamp
      .nullable()
      .describe("The newest observation; figures end with the last day in UTC that was over at fetched_at"),
    fetched_at: timestamp.nullable().describe("When the observations were loaded"),
  })
  .meta({ id: "DataSource" });
export type DataSource = z.output<typeof dataSource>;

/** A month, such as 2026-01. */
export const monthFilter = z
  .string()
  .regex(/^[12][0-9]{3}-(0[1-9]|1[0-2])$/, "use a month such as 2026-01")
  .optional();

/** Whether figures are asked for per protocol or for each of its markets. */
export const granularity = z
  .enum(["protocol", "market"])
  .default("protocol")
  .describe("protocol: the TVL-weighted aggregate; market: each lending reserve or DEX pool");

/** A text of any characters that the database can hold. */
export function storableText(lengthMax: number) {
  return z.string().min(1).max(lengthMax).refine(isStorableText, unstorable);
}

/** A market's name as a filter of a list. */
export const marketFilter = storableText(200)
  .optional()
  .describe("Only this market; granularity is market then. Of one that nobody knows there is nothing");

/** Page size of a list that a person reads. */
const pageLimit = z
  .int()
  .min(1)
  .max(100)
  .default(20)
  .describe("Items on a page, 1 to 100; fewer where they are large");

/** Order of a list by time. */
export const timeOrder = z.enum(["newest", "oldest"]).default("newest").describe("What comes first");
export type TimeOrder = z.output<typeof timeOrder>;

/** How every list that a person reads is paged. */
export const pageFields = { limit: pageLimit, cursor: cursor.optional() };

/** The same of a list by time. */
export const timePageFields = { sort: timeOrder, ...pageFields };

/** Page size of a list that a chart or a script reads. */
export const seriesLimit = z
  .int()
  .min(1)
  .max(1000)
  .default(500)
  .describe("Items on a page, 1 to 1000; of large items fewer, since a page ends after 96 KiB");
