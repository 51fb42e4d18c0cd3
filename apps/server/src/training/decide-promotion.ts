import type { DecidePromotion } from "@obsqra/features";
import { decidePromotion as decide } from "@obsqra/ml";
import { riskScore } from "@obsqra/starknet";

/** The rule of `@obsqra/ml`, with the RiskEngine's arithmetic. */
export const decidePromotion: DecidePromotion = (challenger, champion, panel) =>
  decide(challenger, champion, panel, { scoreRisk: riskScore });
