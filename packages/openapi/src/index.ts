export { answerHeaders } from "./answer/answer-headers.ts";
export { revalidateAnswer } from "./answer/revalidate-answer.ts";
export { registerDocs } from "./docs/register-docs.ts";
export { buildOpenApiDocument, type OpenApiDocument } from "./document/build-openapi-document.ts";
export type { RecordedExample } from "./examples/recorded-examples.ts";
export { problemHeaders } from "./problems/problem-headers.ts";
export { problemServerOptions, registerProblemHandlers } from "./problems/register-problem-handlers.ts";
export { acceptJsonOnly, bodyLimitBytes } from "./rest/json-body.ts";
export { type RestOptions, registerRest } from "./rest/register-rest.ts";
