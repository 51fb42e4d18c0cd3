import { AdviceError } from "./advice-error.ts";
import type { AdviceRequest, MarketCandidate, ProtocolFigures } from "./advice-types.ts";

/**
 * Which arithmetic this is: advice of the same revision on the same question is the same to the last bit. A change of any figure needs the
 * next number, which a test asks for.
 */
export const adviceRevision = 5;

/** The oldest revision whose questions get the same advice today: before, what had to move went where it did not pay to go. */
export const adviceRevisionMin = 5;

/** What the advice of a moment rests on, whoever asks: nothing in it is anybody's own. */
export interface AdviceBasis {
  readonly markets: readonly MarketCandidate[];
  /** All protocols, by name. */
  readonly protocols: readonly ProtocolFigures[];
}

/** What is the holder's own in a question. */
export type OwnQuestion = Omit<AdviceRequest, "markets" | "protocols">;

/** The question of a holder. Of protocols it has those in which something is held. */
export function adviceRequest({ markets, protocols }: AdviceBasis, own: OwnQuestion): AdviceRequest {
  const held = new Set(own.held.map(({ protocol }) => protocol));
  return { ...own, markets, protocols: protocols.filter(({ protocol }) => held.has(protocol)) };
}

/** A basis as it is published. */
export function writeAdviceBasis({ markets, protocols }: AdviceBasis): string {
  return JSON.stringify({ markets, protocols });
}

/** Reads what {@link writeAdviceBasis} has written. @throws AdviceError `invalid_request` when it is none */
export function readAdviceBasis(text: string): AdviceBasis {
  const basis: unknown = JSON.parse(text);
  const { markets, protocols }: { markets?: unknown; protocols?: unknown } = Object(basis);
  if (!(Array.isArray(markets) && Array.isArray(protocols))) {
    throw new AdviceError("invalid_request", "It names no markets and protocols to advise on.");
  }
  return { markets, protocols };
}
