export { registerDocs } from "./docs/register-docs.ts";
export { readJsonText } from "./json/read-json.ts";
export { problemHeaders } from "./problems/problem-headers.ts";
export { problemServerOptions, registerProblemHandlers } from "./problems/register-problem-handlers.ts";
export { callProcedure, listProcedures, type ProcedureCall } from "./procedures.ts";
export { callHeaders, endpointHeaders } from "./response/response-headers.ts";
export { revalidate } from "./response/revalidation.ts";
export { acceptJsonOnly, bodyLimitBytes } from "./rest/json-body.ts";
export { type RestOptions, registerRest } from "./rest/register-rest.ts";
