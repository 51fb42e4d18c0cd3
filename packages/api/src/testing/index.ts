export { createTestApi, type TestApi, type TestApiOptions } from "./create-test-api.ts";
export { createTestClock, type TestClock } from "./test-clock.ts";
export { trainOnce } from "./train-once.ts";
