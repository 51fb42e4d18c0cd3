import type { Access, Endpoint, ErrorCode, NamedEndpoint } from "@obsqra/contract";
import {
  accessErrorCodes,
  describeAccess,
  errorCatalogue,
  mutationErrorCodes,
  sharedErrorCodes,
} from "@obsqra/contract";
import { problemMediaType, problemStatus } from "../problems/problem.ts";
import { listPathFields, takesBody } from "../rest/read-input.ts";
import { type DocumentPart, problemSchemaName, schemaReference, toDocumentSchema } from "./components.ts";
import { type ContractSchemas, type JsonSchema, resolve } from "./contract-schemas.ts";

/** The operation of one endpoint. */
export function buildOperation(
  { feature, name, endpoint }: NamedEndpoint,
  schemas: ContractSchemas,
): DocumentPart {
  const { input, output } = schemas.endpoints.get(endpoint) ?? {};
  const { summary, description, access, rest } = endpoint;
  const fields = input === undefined ? {} : resolve(input, schemas.named);
  const parameters = buildParameters(endpoint, fields);
  return {
    operationId: `${feature}_${name}`,
    tags: [feature],
    summary,
    description: [description, `${describeAccess(access)}.`]
      .filter((part) => part !== undefined)
      .join("\n\n"),
    security: buildSecurity(access),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(input === undefined || !takesBody(endpoint) ? {} : buildBody(endpoint, input, fields)),
    responses: { [rest.status]: buildSuccess(endpoint, output), ...buildErrors(endpoint) },
  };
}

/** Each entry is a way to be let in. What follows an API key's scheme are the scopes that the key needs. */
function buildSecurity(access: Access): DocumentPart[] {
  switch (access) {
    case "public":
      return [];
    case "session":
    case "recent_session":
      return [{ access_token: [] }];
    default:
      return [{ access_token: [] }, { api_key: [access] }];
  }
}

/** The codes that an endpoint can answer with over REST, in the catalogue's order. */
function listErrorCodes(endpoint: Endpoint): ErrorCode[] {
  const bodyCodes: readonly ErrorCode[] = [
    "MALFORMED_JSON",
    "MALFORMED_REQUEST",
    "PAYLOAD_TOO_LARGE",
    "UNSUPPORTED_MEDIA_TYPE",
  ];
  const hasInput = endpoint.input.def.type !== "undefined";
  const shared = sharedErrorCodes.filter((code) => {
    if (bodyCodes.includes(code)) return takesBody(endpoint);
    return code === "VALIDATION_FAILED" ? hasInput : true;
  });
  const possible = new Set<string>([
    ...shared,
    ...accessErrorCodes(endpoint.access),
    ...(endpoint.kind === "mutation" ? mutationErrorCodes : []),
    ...endpoint.errors,
  ]);
  return Object.keys(errorCatalogue).filter((code): code is ErrorCode => possible.has(code));
}

function buildParameters(endpoint: Endpoint, { properties = {}, required = [] }: JsonSchema): DocumentPart[] {
  const inPath = listPathFields(endpoint.rest.path);
  const names = Object.keys(properties).filter((name) => inPath.includes(name) || !takesBody(endpoint));
  return names.map((name) => {
    const { description, ...schema } = toDocumentSchema(properties[name] as JsonSchema);
    const isInPath = inPath.includes(name);
    return {
      name,
      in: isInPath ? "path" : "query",
      ...(isInPath || required.includes(name) ? { required: true } : {}),
      ...(description === undefined ? {} : { description }),
      schema,
    };
  });
}

function buildBody(endpoint: Endpoint, input: JsonSchema, { properties = {} }: JsonSchema): DocumentPart {
  const inPath = listPathFields(endpoint.rest.path);
  // There is nothing to send where the path has all fields.
  if (inPath.length > 0 && Object.keys(properties).every((name) => inPath.includes(name))) return {};
  // A default for the whole body means that it may be left out.
  const { default: whenLeftOut, ...schema } = input;
  const requestBody = {
    required: whenLeftOut === undefined,
    content: { "application/json": { schema: toDocumentSchema(schema) } },
  };
  return { requestBody };
}

const requestIdHeader = { "x-request-id": { $ref: "#/components/headers/RequestId" } };

function buildSuccess(endpoint: Endpoint, output: JsonSchema | undefined): DocumentPart {
  const descriptions = { 200: "Done", 201: "Created", 204: "Done; the answer is empty" } as const;
  return {
    description: descriptions[endpoint.rest.status],
    headers: requestIdHeader,
    ...(output === undefined
      ? {}
      : { content: { "application/json": { schema: toDocumentSchema(output) } } }),
  };
}

function buildErrors(endpoint: Endpoint): DocumentPart {
  const byStatus = Map.groupBy(listErrorCodes(endpoint), problemStatus);
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      status,
      {
        description: codes.map((code) => errorCatalogue[code].title).join("; "),
        headers: { ...requestIdHeader, ...extraHeaders(status) },
        content: { [problemMediaType]: { schema: buildProblemChoice(codes) } },
      },
    ]),
  );
}

function extraHeaders(status: number): DocumentPart {
  if (status === 401) return { "www-authenticate": { $ref: "#/components/headers/WwwAuthenticate" } };
  return status === 429 || status === 503
    ? { "retry-after": { $ref: "#/components/headers/RetryAfter" } }
    : {};
}

function buildProblemChoice(codes: readonly ErrorCode[]): DocumentPart {
  const references = codes.map((code) => ({ $ref: schemaReference(problemSchemaName(code)) }));
  const [only] = references;
  if (references.length === 1 && only !== undefined) return only;
  const mapping = codes.map((code) => [code, schemaReference(problemSchemaName(code))] as const);
  return { oneOf: references, discriminator: { propertyName: "code", mapping: Object.fromEntries(mapping) } };
}
