import type { MarketDescription } from "./market-source.ts";
import { showText } from "./show-text.ts";

/**
 * Of the rules by which rows are read, refused and flagged. It grows when one of them changes, so that history that was
 * stored by earlier rules is loaded again although its bytes are the same.
 */
export const readingVersion = 6;

/** The longest texts of a market, in UTF-16 code units: far longer than an address or a list of tokens. */
const textLengthsMax = { pool: 200, chain: 100, symbol: 200 } as const;

/** No chain that we read had a market before; spreadsheets' day zero and lost centuries are far from it. */
const earliestMoment = Date.UTC(2015, 0, 1);

/** Starknet's mainnet opened at the end of that month. */
const earliestMoments: ReadonlyMap<string, number> = new Map([["starknet", Date.UTC(2021, 10, 1)]]);

/**
 * Why a market cannot be stored: a text that Postgres cannot hold, that would hide something from whoever reads it, or that
 * is longer than any real one. Undefined when it can.
 */
export function refuseMarket({
  id,
  chain,
  symbol,
}: Pick<MarketDescription, "id" | "chain" | "symbol">): string | undefined {
  return refuseText("pool", id) ?? refuseText("chain", chain) ?? refuseText("symbol", symbol);
}

/** Why an observation of that moment cannot be true, or undefined when it can. */
export function refuseMoment(
  moment: Date,
  { chain, fetchedAt }: { readonly chain: string; readonly fetchedAt: Date },
): string | undefined {
  const time = moment.getTime();
  if (Number.isNaN(time)) return "timestamp is not a moment";
  if (time > fetchedAt.getTime()) {
    return `timestamp is in the future: ${moment.toISOString()}, and it was ${fetchedAt.toISOString()} when the row was read`;
  }
  const earliest = earliestMoments.get(chain.toLowerCase()) ?? earliestMoment;
  if (time < earliest) {
    const day = new Date(earliest).toISOString().slice(0, 10);
    return `timestamp is before ${day}, when there were no such markets: ${moment.toISOString()}`;
  }
  return undefined;
}

function refuseText(name: keyof typeof textLengthsMax, text: string): string | undefined {
  if (text.trim() === "") return `${name} is missing`;
  const lengthMax = textLengthsMax[name];
  if (text.length > lengthMax) return `${name} is longer than ${lengthMax} characters`;
  if (controlCharacters.test(text)) return `${name} holds a control character: ${showText(text)}`;
  if (directionMarks.test(text))
    return `${name} holds a mark that turns the direction of text: ${showText(text)}`;
  if (!text.isWellFormed()) return `${name} holds half a character: ${showText(text)}`;
  // What a decoder puts in the place of bytes that it cannot read: two names could become one.
  if (text.includes("\uFFFD")) return `${name} holds bytes that are not UTF-8; save the file as UTF-8`;
  return undefined;
}

/** Postgres holds all of them but NUL; a terminal and a log should hold none. */
const controlCharacters = /\p{Cc}/u;

/** A name shows as another one with them, and so does what stands beside it. */
const directionMarks = /[\u202a-\u202e\u2066-\u2069]/;
