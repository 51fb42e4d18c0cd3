import { type ProviderSettings, providerSettings } from "@obsqra/features";
import { parseAddress, parseChainId, publicChainIds, starkCurveOrder } from "@obsqra/starknet";
import { z } from "zod";
import { isOriginRule } from "./cors-origins.ts";
import { parseWitness, type WitnessSettings } from "./create-witness.ts";

/** `true` or `false`, also as `1` or `0`, `yes` or `no`, `on` or `off`. */
export const flag = z.stringbool({ error: "use true or false" });

/** Digits, within limits. */
export function wholeNumber(min: number, max: number) {
  const error = `use a whole number from ${min} to ${max}`;
  const digits = z.string().trim().regex(/^\d+$/, error);
  return digits.transform(Number).pipe(z.int(error).min(min, error).max(max, error));
}

/** `name=value,name=value`, each percent-encoded. */
export function readHeaders(text: string, context: z.RefinementCtx): Record<string, string> {
  try {
    return Object.fromEntries(
      text.split(",").map((pair) => {
        const [, name = "", value = ""] = /^\s*([^=\s]+)\s*=(.*)$/.exec(pair) ?? [];
        return [new Headers({ [name]: "" }).keys().next().value ?? name, decodeURIComponent(value.trim())];
      }),
    );
  } catch {
    context.addIssue({ code: "custom", message: "use name=value, separated by commas, percent-encoded" });
    return z.NEVER;
  }
}

/** A URL of one of these protocols; the example is for whoever has written something else. */
export function url(protocols: RegExp, example: string) {
  return z.url({ protocol: protocols, error: `use a URL such as ${example}` });
}

/** Postgres counts in 32-bit integers, and goes on counting beyond the limit. */
export const pointsPerWindow = wholeNumber(1, 1_000_000_000);

const originsAdvice =
  "use origins such as https://app.example.org, https://*.example.org or capacitor://localhost, in lower case, separated by commas and without a slash at the end, or *; this is none:";

/** Names the first that is none, so that one of many is found. */
export function readOrigins(text: string, context: z.core.$RefinementCtx): string[] {
  const origins = splitList(text);
  const wrong = origins.find((origin) => !isOriginRule(origin));
  if (wrong === undefined) return origins;
  context.addIssue({ code: "custom", message: `${originsAdvice} ${wrong}` });
  return z.NEVER;
}

const witnessesAdvice =
  "use verifier keys of witnesses with their addresses, such as witness.example.org+5d0a1b2c+BM… https://witness.example.org, separated by commas; this is none:";

/** Names the first that is none, so that one of many is found. */
export function readWitnesses(text: string, context: z.core.$RefinementCtx): WitnessSettings[] {
  const witnesses = splitList(text).map((item) => ({ item, witness: parseWitness(item) }));
  const wrong = witnesses.find(({ witness }) => witness === undefined);
  if (wrong === undefined) return witnesses.flatMap(({ witness }) => witness ?? []);
  context.addIssue({ code: "custom", message: `${witnessesAdvice} ${wrong.item}` });
  return z.NEVER;
}

/** Says where the first mistake is, and nothing of what is there: it has secrets. */
export function readIdentityProviders(text: string, context: z.core.$RefinementCtx): ProviderSettings[] {
  const read = providerSettings.safeParse(parseJson(text));
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const place = issue?.path.join(".") ?? "";
  const message = `use a JSON list of providers as docs/operations.md describes it${place && `; not valid: ${place}`}${issue && ` (${issue.message})`}`;
  context.addIssue({ code: "custom", message });
  return z.NEVER;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const proxiesAdvice =
  "use addresses or networks such as 10.0.0.1, 10.1.0.0/16 or fd00::/8, separated by commas";

/** Items between commas, without blanks around them. */
export function splitList(text: string): string[] {
  return text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

/** A name in everyday language, such as mainnet, would be taken for the id of a private network. */
export function isChainId(text: string): boolean {
  try {
    return !Object.hasOwn(publicChainIds, parseChainId(text).toLowerCase());
  } catch {
    return false;
  }
}

/** An amount of STRK, such as 0.5. */
export const strk = z
  .string()
  .trim()
  .regex(/^\d{1,9}(\.\d{1,18})?$/, { error: "use an amount of STRK such as 0.5" });

/** An amount of STRK in fri, of which it has 10^18. */
export function readStrk(text: string): bigint {
  const [whole = "", fraction = ""] = text.split(".");
  return BigInt(whole + fraction.padEnd(18, "0"));
}

/** Whether a text is a private key on the Stark curve. */
export function isStarkKey(text: string): boolean {
  return /^0x[0-9a-fA-F]{1,64}$/.test(text) && BigInt(text) > 0n && BigInt(text) < starkCurveOrder;
}

/** Whether a text is an address of Starknet. */
export function isAddress(text: string): boolean {
  try {
    parseAddress(text);
    return true;
  } catch {
    return false;
  }
}
