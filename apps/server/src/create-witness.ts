import type { LogWitness } from "@obsqra/features";
import { readText } from "@obsqra/http";
import { parseVerifierKey } from "@obsqra/receipts";

/** A witness as it is configured: by its verifier key, and its address below which `add-checkpoint` is. */
export interface WitnessSettings {
  readonly key: string;
  readonly url: string;
}

const answerMsMax = 10_000;
/** A response has a few signatures. */
const answerBytesMax = 16_384;

/** A witness that is asked over HTTP (C2SP tlog-witness). */
export function createWitness({ key, url }: WitnessSettings, fetch: typeof globalThis.fetch): LogWitness {
  return {
    key,
    addCheckpoint: async (body, signal) => {
      const response = await fetch(`${url}/add-checkpoint`, {
        method: "POST",
        body,
        redirect: "error",
        signal: AbortSignal.any([signal, AbortSignal.timeout(answerMsMax)]),
      });
      const type = response.headers.get("content-type") ?? "";
      return { status: response.status, type, body: await readText(response, answerBytesMax) };
    },
  };
}

/**
 * Reads a witness such as `witness.example.org+5d0a1b2c+BM… https://witness.example.org/obsqra`.
 *
 * @returns undefined when it is none
 */
export function parseWitness(text: string): WitnessSettings | undefined {
  const [key = "", address = "", ...rest] = text.split(/\s+/);
  if (rest.length > 0 || !URL.canParse(address) || !/^https?:/.test(address)) return undefined;
  try {
    // Keys of logs sign no time.
    if (parseVerifierKey(key).type !== cosignatureType) return undefined;
  } catch {
    return undefined;
  }
  return { key, url: new URL(address).href.replace(/\/+$/, "") };
}

const cosignatureType = 0x04;
