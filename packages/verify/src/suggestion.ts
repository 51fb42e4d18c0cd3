import type { Verification } from "./check.ts";
import { verifySuggestion as verify } from "./suggestion/verify-suggestion.ts";
import type { VerifyOptions } from "./verify-options.ts";

// With its type written out, so that the published one names none of the packages that are bundled. Apart from the others, because it takes
// a solver of some megabytes.

/**
 * Checks that a suggestion was committed to the log of a service, that it rests on the forecasts that were committed to, and, by solving
 * its programme again, that no better mix was there. It never throws for what a service says or does not say.
 *
 * @param receipt as its owner gets it
 * @returns every check with what was compared
 * @throws UnsupportedEngineError
 */
export const verifySuggestion: (receipt: unknown, options?: VerifyOptions) => Promise<Verification> = verify;
