import type { Endpoint, ErrorCode, NamedEndpoint } from "@obsqra/contract";
import {
  accessErrorCodes,
  describeEndpointAccess,
  errorCatalogue,
  mutationErrorCodes,
  problemMediaType,
  problemName,
  problemStatus,
  sharedErrorCodes,
} from "@obsqra/contract";
import { type ContractSchemas, type JsonSchema, resolve } from "@obsqra/contract/schemas";
import { findExample, type RecordedExample } from "../examples/recorded-examples.ts";
import { listPathFields, takesBody } from "../rest/read-input.ts";
import { type DocumentPart, inlineDefaults, schemaReference, toDocumentSchema } from "./components.ts";
import { errorHeaders, notModifiedHeaders, successHeaders } from "./headers.ts";
import { buildParameters } from "./parameters.ts";

/** The operation of one endpoint. */
export function buildOperation(
  { feature, name, path, endpoint }: NamedEndpoint,
  schemas: ContractSchemas,
): DocumentPart {
  const { input, output } = schemas.endpoints.get(endpoint) ?? {};
  const { summary, rest } = endpoint;
  const fields = input === undefined ? {} : resolve(input, schemas.named);
  const example = findExample(path);
  const parameters = buildParameters(endpoint, fields, example);
  return {
    operationId: `${feature}_${name}`,
    tags: [feature],
    summary,
    description: describeOperation(endpoint),
    security: buildSecurity(endpoint),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(input === undefined || !takesBody(endpoint)
      ? {}
      : buildBody(endpoint, { input, fields, named: schemas.named, example })),
    responses: {
      [rest.status]: buildSuccess(endpoint, { output, example }),
      ...buildNotModified(endpoint),
      ...buildErrors(endpoint),
    },
    ...(endpoint.deprecation === undefined ? {} : { deprecated: true }),
  };
}

function describeOperation(endpoint: Endpoint): string {
  const { description, weight = 1, deprecation } = endpoint;
  const successor = deprecation?.successor;
  return [
    description,
    `${describeEndpointAccess(endpoint)}.`,
    weight === 1 ? undefined : `Counts ${weight} points against rate limits and quotas.`,
    successor === undefined ? undefined : `Use ${successor.replace(".", "_")} in its place.`,
  ]
    .filter((part) => part !== undefined)
    .join("\n\n");
}

interface BodyParts extends Pick<ContractSchemas, "named"> {
  readonly input: JsonSchema;
  /** The same with its reference followed. */
  readonly fields: JsonSchema;
  readonly example: RecordedExample | undefined;
}

interface SuccessParts {
  readonly output: JsonSchema | undefined;
  readonly example: RecordedExample | undefined;
}

/** Each entry is a way to be let in. What follows an API key's scheme are the scopes that the key needs. */
function buildSecurity({ access, closedAccess }: Pick<Endpoint, "access" | "closedAccess">): DocumentPart[] {
  switch (access) {
    case "public":
      // The empty one lets everybody in.
      return closedAccess === undefined ? [] : [{}, ...buildSecurity({ access: closedAccess })];
    case "session":
    case "recent_session":
      return [{ access_token: [] }];
    default:
      return [{ access_token: [] }, { api_key: [access] }];
  }
}

/** The error codes that an endpoint can give over REST, in the catalogue's order. */
function listErrorCodes(endpoint: Endpoint): ErrorCode[] {
  const bodyCodes: readonly ErrorCode[] = [
    "MALFORMED_JSON",
    "JSON_AMBIGUOUS",
    "MALFORMED_REQUEST",
    "PAYLOAD_TOO_LARGE",
    "UNSUPPORTED_MEDIA_TYPE",
    "UNSUPPORTED_CONTENT_ENCODING",
  ];
  const hasInput = endpoint.input.def.type !== "undefined";
  const shared = sharedErrorCodes.filter((code) => {
    if (bodyCodes.includes(code)) return takesBody(endpoint);
    return code === "VALIDATION_FAILED" ? hasInput : true;
  });
  const possible = new Set<string>([
    ...shared,
    ...accessErrorCodes(endpoint),
    ...(endpoint.kind === "mutation" ? mutationErrorCodes : []),
    ...endpoint.errors,
  ]);
  return Object.keys(errorCatalogue).filter((code): code is ErrorCode => possible.has(code));
}

function buildBody(
  endpoint: Endpoint,
  { input, fields: { properties = {} }, named, example }: BodyParts,
): DocumentPart {
  const inPath = listPathFields(endpoint.rest.path);
  // There is nothing to send where the path has all fields.
  if (inPath.length > 0 && Object.keys(properties).every((name) => inPath.includes(name))) return {};
  // A default for the whole body means that it may be left out.
  const { default: whenLeftOut, ...schema } = input;
  const requestBody = {
    required: whenLeftOut === undefined,
    content: { "application/json": describeContent(inlineDefaults(schema, named), example?.input) },
  };
  return { requestBody };
}

function describeContent(schema: JsonSchema, example: unknown): DocumentPart {
  return { schema: toDocumentSchema(schema), ...(example === undefined ? {} : { example }) };
}

function buildSuccess(endpoint: Endpoint, { output, example }: SuccessParts): DocumentPart {
  const descriptions = { 200: "Done", 201: "Created", 204: "Done; the response is empty" } as const;
  return {
    description: descriptions[endpoint.rest.status],
    headers: successHeaders(endpoint),
    ...(output === undefined
      ? {}
      : { content: { [successMediaType(endpoint)]: describeContent(output, example?.output) } }),
  };
}

/** What a stream's schema describes is the data of each event. */
function successMediaType({ kind }: Endpoint): string {
  return kind === "subscription" ? "text/event-stream" : "application/json";
}

function buildNotModified(endpoint: Endpoint): DocumentPart {
  return endpoint.revalidates
    ? { 304: { description: "Still the same as what you have", headers: notModifiedHeaders(endpoint) } }
    : {};
}

function buildErrors(endpoint: Endpoint): DocumentPart {
  const byStatus = Map.groupBy(listErrorCodes(endpoint), problemStatus);
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      status,
      {
        description: codes.map((code) => errorCatalogue[code].title).join("; "),
        headers: errorHeaders(endpoint, status),
        content: { [problemMediaType]: { schema: buildProblemChoice(codes) } },
      },
    ]),
  );
}

function buildProblemChoice(codes: readonly ErrorCode[]): DocumentPart {
  const references = codes.map((code) => ({ $ref: schemaReference(problemName(code)) }));
  const [only] = references;
  if (references.length === 1 && only !== undefined) return only;
  const mapping = codes.map((code) => [code, schemaReference(problemName(code))] as const);
  return { oneOf: references, discriminator: { propertyName: "code", mapping: Object.fromEntries(mapping) } };
}
