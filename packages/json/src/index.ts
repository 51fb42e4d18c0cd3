export { assertExact, InexactJsonError } from "./assert-exact.ts";
