export { findExample, type RecordedExample } from "../examples/recorded-examples.ts";
export { buildOpenApiDocument, guide, type OpenApiDocument } from "./build-openapi-document.ts";
export { describeErrors, type ErrorDescription } from "./error-descriptions.ts";
