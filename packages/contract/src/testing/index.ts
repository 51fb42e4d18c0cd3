export { assertAccessDeclared } from "./declared-access.ts";
export {
  findReferences,
  findUnregisteredReferences,
  type InputReference,
  replaceReference,
} from "./input-references.ts";
export { sampleInput, sampleInputs } from "./sample-input.ts";
