export { codeOf, errorOf } from "./code-of.ts";
export { createTestPlatform, type TestPlatform, testRequest } from "./create-test-platform.ts";
export { createKnownBytes } from "./known-bytes.ts";
export { recordStatements } from "./record-statements.ts";
export { createTestClock, type TestClock } from "./test-clock.ts";
