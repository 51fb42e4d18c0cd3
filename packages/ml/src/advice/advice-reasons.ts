import { moveConfidenceMin } from "./advice-confidence.ts";
import type { AdviceLine, AdviceRequest, MarketAdvice } from "./advice-types.ts";
import { decidingFacts } from "./deciding-facts.ts";
import { marketNamer, share } from "./figures.ts";

type Advice = Omit<MarketAdvice, "reason" | "unallocated_reason">;

/** What to do, what it is expected to bring, what forces or forbids it, and the two facts that decided. */
export function adviceReason(advice: Advice, request: AdviceRequest): string {
  const forced = advice.forced_moves.map(({ sentence }) => sentence);
  const decided = decidingFacts(advice, request);
  const facts = decided.length === 0 ? [] : ["What decided it:", ...decided];
  if (advice.outcome === "rebalance") {
    const start = request.held.length === 0 ? "Nothing is invested yet. Put" : "Move to";
    return [
      ...forced,
      `${start} ${mix(advice.lines, request)}.`,
      expectation(advice, request),
      ...facts,
    ].join(" ");
  }
  const nothing = request.held.length === 0 ? "Nothing is invested, and it is best left so." : "Hold.";
  if (advice.largest_change_bp === 0) return `${nothing} ${bestAlready(advice, request)}`;
  return [nothing, hindrance(advice, request), ...facts].join(" ");
}

/** Why something is not allocated. */
export function unallocatedReason(advice: Advice, request: AdviceRequest): string {
  const left = `${share(advice.unallocated_bp)} is not allocated`;
  if (isNothingEligible(advice, request)) {
    const causes = [...Map.groupBy(advice.excluded, ({ reason }) => reason)]
      .toSorted(([, one], [, other]) => other.length - one.length)
      .map(([reason, markets]) => `${markets.length} ${reason.replaceAll("_", " ")}`);
    return `${left}: none of the ${request.markets.length} markets may hold it (${causes.join(", ")}).`;
  }
  if (advice.outcome === "hold") return `${left}, as it is now: ${hindrance(advice, request)}`;
  const limits = advice.binding_limits.map(({ sentence }) => sentence).slice(0, 2);
  if (limits.length > 0) return `${left}. ${limits.join(" ")}`;
  return `${left}: what it would earn elsewhere does not pay for the risk and the cost of going there.`;
}

/** Whether somebody states APYs without saying how sure they are, so that nobody can say how probable a gain is. */
export function isTakenAtWord({ apys, markets }: AdviceRequest): boolean {
  return (
    apys === "stated" &&
    markets.some(({ status, apy }) => status === "active" && apy !== null && apy.lower === apy.upper)
  );
}

function isNothingEligible({ excluded }: Advice, { markets }: AdviceRequest): boolean {
  return excluded.length === markets.length;
}

function bestAlready(advice: Advice, request: AdviceRequest): string {
  if (isNothingEligible(advice, request)) return "No market may hold what there is to invest.";
  if (advice.lines.length > 0) {
    const kept = (request.wishes.must_stay ?? []).length > 0 ? "what must stay and " : "";
    return `With ${kept}the cost of moving counted, the present mix is already the best.`;
  }
  return "No market pays for its risk and the cost of going there.";
}

function hindrance(advice: Advice, request: AdviceRequest): string {
  const target = mix(
    advice.lines.map((line) => ({ ...line, basis_points: line.target_bp })),
    request,
  );
  if (advice.largest_change_bp === 0) return bestAlready(advice, request);
  if (advice.expected_improvement <= 0) {
    return `Moving to ${target} does not pay: the expected yield goes from ${apy(advice.expected_apy_before)} to ${apy(advice.expected_apy_after)} a year, ${signed(advice.expected_improvement)} after costs of ${usd(advice.gas_usd + advice.swap_usd)}.`;
  }
  if (advice.confidence < moveConfidenceMin) {
    return `Moving to ${target} is expected to bring ${signed(advice.expected_improvement)}, and is too doubtful: it comes out ahead with a probability of ${chance(advice.confidence)}, and ${chance(moveConfidenceMin)} is asked for.`;
  }
  return `The best mix (${target}) changes no share by more than ${share(advice.largest_change_bp)}, below the threshold of ${share(request.rebalance_threshold_bp)}; it would bring ${signed(advice.expected_improvement)}.`;
}

function expectation(advice: Advice, request: AdviceRequest): string {
  const days = advice.break_even_days;
  const paid =
    days === null ? "" : `, paid back after ${days < 1 ? "less than a day" : `${Math.ceil(days)} days`}`;
  const doubt = isTakenAtWord(request)
    ? ""
    : `; it comes out ahead with a probability of ${chance(advice.confidence)}`;
  return (
    `The expected yield goes from ${apy(advice.expected_apy_before)} to ${apy(advice.expected_apy_after)} a year, ` +
    `${signed(advice.expected_improvement)} after costs of ${usd(advice.gas_usd + advice.swap_usd)}${paid}${doubt}. Portfolio risk goes from ${advice.portfolio_risk_before.toFixed(1)} to ${advice.portfolio_risk_after.toFixed(1)}.`
  );
}

/** The largest shares first, at most five by name. */
function mix(
  lines: readonly Pick<AdviceLine, "protocol" | "symbol" | "chain" | "basis_points">[],
  { markets }: AdviceRequest,
): string {
  const marketName = marketNamer(markets);
  const held = lines
    .filter(({ basis_points }) => basis_points > 0)
    .toSorted((left, right) => right.basis_points - left.basis_points);
  const named = held
    .slice(0, 5)
    .map((line) => `${share(line.basis_points)} ${line.symbol ? "" : "in "}${marketName(line)}`);
  if (held.length === 0) return "no market at all";
  return held.length > named.length
    ? `${named.join(", ")} and ${held.length - named.length} more`
    : named.join(", ");
}

function apy(percent: number): string {
  return `${percent.toFixed(2)} %`;
}

function usd(amount: number): string {
  return `${amount.toFixed(2)} USD`;
}

function chance(probability: number): string {
  return `${Number((probability * 100).toFixed(1))} %`;
}

function signed(improvement: number): string {
  return `${improvement >= 0 ? "+" : "−"}${Math.abs(improvement).toFixed(2)} percentage points`;
}
