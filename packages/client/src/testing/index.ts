export { createMockClient, type MockClient, type MockOptions } from "./create-mock-client.ts";
export type { MockCall, MockResponse, MockResponses } from "./mock-responses.ts";
