export { codeOf, errorOf } from "./code-of.ts";
export { createTestApi, type TestApi, type TestApiOptions } from "./create-test-api.ts";
export { importCsv, loadCsv } from "./import-csv.ts";
export { importLater } from "./import-later.ts";
export { promoteAlways } from "./promote-always.ts";
export { createTestClock, type TestClock } from "./test-clock.ts";
export { trainOnce } from "./train-once.ts";
