export { roundFigure } from "../figures/figure-rounder.ts";
export { accepts, arbitraryInput } from "./arbitrary-input.ts";
export { arbitraryHostileValue, arbitraryInvalidInput } from "./arbitrary-invalid-input.ts";
export { assertAccessDeclared } from "./declared-access.ts";
export {
  findReferences,
  findUnregisteredReferences,
  type InputReference,
  replaceReference,
} from "./input-references.ts";
export { sampleInput, sampleInputs } from "./sample-input.ts";
