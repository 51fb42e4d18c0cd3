export { codeOf, errorOf } from "./code-of.ts";
export { recordStatements } from "./record-statements.ts";
export { createTestClock, type TestClock } from "./test-clock.ts";
