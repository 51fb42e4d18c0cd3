import { isDeepStrictEqual } from "node:util";
import { errorCatalogue, eventTypesByTopic, listEndpoints } from "@obsqra/contract";
import { describe, expect, it } from "vitest";
import { buildOpenApiDocument } from "./build-openapi-document.ts";

interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly description: string;
  readonly security?: readonly unknown[];
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: unknown }[];
  readonly requestBody?: { readonly required: boolean };
  readonly responses: { readonly [status: string]: unknown };
}

const document = buildOpenApiDocument();
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    path,
    method,
    // What the builder makes of the contract.
    operation: withResponses(operation as unknown as Operation),
  })),
);
const find = (id: string) => operations.find(({ operation }) => operation.operationId === id)?.operation;

/** The operation with the responses that it shares with others in their places. */
function withResponses(operation: Operation): Operation {
  const responses = Object.entries(operation.responses).map(([status, response]) => {
    const { $ref } = response as { readonly $ref?: string };
    return [status, $ref === undefined ? response : follow($ref)];
  });
  return { ...operation, responses: Object.fromEntries(responses) };
}

/** Follows a JSON pointer such as `#/components/schemas/User`. */
function follow(reference: string): unknown {
  return reference
    .slice(2)
    .split("/")
    .reduce<unknown>((part, key) => (part as Record<string, unknown>)[key], document);
}

describe("the OpenAPI document", () => {
  it("has one operation per endpoint, with unique ids and declared tags", () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.sort()).toEqual(
      listEndpoints()
        .map(({ feature, name }) => `${feature}_${name}`)
        .sort(),
    );
    const tags = document.tags.map(({ name }) => name);
    for (const { operation } of operations) expect(tags).toEqual(expect.arrayContaining([...operation.tags]));
  });

  it("shows what webhooks of each topic are sent, with an example of every type of event, and what tests are", () => {
    const shown = Object.entries(document.webhooks).map(([name, { post }]) => {
      const { requestBody } = post as { requestBody: { content: Record<string, { examples: object }> } };
      return [name, Object.keys(requestBody.content["application/json"]?.examples ?? {})];
    });
    expect(Object.fromEntries(shown)).toEqual({ ...eventTypesByTopic, test: ["webhook.test"] });
  });

  it("resolves every reference and uses every component", () => {
    const text = JSON.stringify(document);
    const references = new Set([...text.matchAll(/"(#\/[^"]+)"/g)].map(([, reference = ""]) => reference));
    for (const reference of references)
      expect([reference, typeof follow(reference)]).toEqual([reference, "object"]);
    const { securitySchemes: _, ...kinds } = document.components;
    for (const [kind, components] of Object.entries(kinds)) {
      for (const name of Object.keys(components))
        expect(references).toContain(`#/components/${kind}/${name}`);
    }
  });

  it("is the same every time", () => {
    expect(JSON.stringify(buildOpenApiDocument())).toBe(JSON.stringify(document));
  });

  it("names the parameters of each path template", () => {
    for (const { path, operation } of operations) {
      const inTemplate = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const inPath = (operation.parameters ?? [])
        .filter((each) => each.in === "path")
        .map(({ name }) => name);
      expect([path, inPath]).toEqual([path, inTemplate]);
    }
  });

  it("says which inputs may be left out", () => {
    expect(find("predictions_run_optimization")?.requestBody?.required).toBe(false);
    expect(find("auth_login")?.requestBody?.required).toBe(true);
    expect(find("auth_logout")?.requestBody).toBeUndefined();
    expect(find("analytics_risk_history")?.parameters).toContainEqual({
      name: "days",
      in: "query",
      description: "Days back from the newest observed day that was over when the data was loaded, 1 to 90",
      schema: { default: 30, type: "integer", minimum: 1, maximum: 90 },
      example: 7,
    });
  });

  it("says of every operation whether it takes an access token, an API key with a scope, or nothing", () => {
    expect(Object.keys(document.components.securitySchemes ?? {})).toEqual(["access_token", "api_key"]);
    for (const { feature, name, endpoint } of listEndpoints()) {
      const expected = {
        public: [],
        session: [{ access_token: [] }],
        recent_session: [{ access_token: [] }],
      };
      const operation = find(`${feature}_${name}`);
      const { access: openAccess, closedAccess } = endpoint;
      const access = closedAccess ?? openAccess;
      const isScope = access.includes(":");
      const everybody = closedAccess === undefined ? [] : [{}];
      expect([name, operation?.security]).toEqual([
        name,
        isScope
          ? [...everybody, { access_token: [] }, { api_key: [access] }]
          : expected[access as keyof typeof expected],
      ]);
      if (isScope) expect(operation?.description).toContain(`API keys with the scope ${access}.`);
      expect([name, Object.keys(operation?.responses ?? {}).includes("403")]).toEqual([
        name,
        access !== "public" || endpoint.errors.some((code) => errorCatalogue[code].trpcCode === "FORBIDDEN"),
      ]);
    }
  });

  it("lists the errors of each status with their codes", () => {
    const login = find("auth_login");
    expect(Object.keys(login?.responses ?? {})).toEqual([
      "200",
      "400",
      "401",
      "409",
      "413",
      "415",
      "422",
      "429",
      "500",
      "503",
    ]);
    expect(login?.responses["401"]).toMatchObject({
      content: {
        "application/problem+json": {
          schema: {
            oneOf: [
              { $ref: "#/components/schemas/CredentialsInvalidProblem" },
              { $ref: "#/components/schemas/SecondFactorRequiredProblem" },
            ],
          },
        },
      },
    });
    expect(JSON.stringify(find("transactions_get")?.responses["401"])).toContain('"TOKEN_EXPIRED"');
    expect(JSON.stringify(find("auth_me")?.responses["400"])).not.toContain("VALIDATION_FAILED");
  });

  it("says where a response names the seconds to wait", () => {
    const retryAfter = { headers: { "retry-after": { $ref: "#/components/headers/RetryAfter" } } };
    for (const { operation } of operations) {
      for (const status of ["429", "503"]) {
        const response = operation.responses[status];
        if (response !== undefined) expect(response).toMatchObject(retryAfter);
      }
      expect(operation.responses["403"] ?? {}).not.toMatchObject(retryAfter);
    }
  });

  it("asks for no body where the path says everything", () => {
    expect(find("auth_set_primary_wallet")?.requestBody).toBeUndefined();
    expect(find("auth_set_primary_wallet")?.parameters).toMatchObject([
      { name: "wallet_address", in: "path" },
      { $ref: "#/components/parameters/IdempotencyKey" },
    ]);
  });

  it("takes an idempotency key with every mutation, and says where the response may be a replay", () => {
    const key = { $ref: "#/components/parameters/IdempotencyKey" };
    const replayed = { "idempotent-replayed": { $ref: "#/components/headers/IdempotentReplayed" } };
    for (const { feature, name, endpoint } of listEndpoints()) {
      const operation = find(`${feature}_${name}`);
      const isMutation = endpoint.kind === "mutation";
      expect([name, operation?.parameters?.some((each) => isDeepStrictEqual(each, key)) ?? false]).toEqual([
        name,
        isMutation,
      ]);
      const success = operation?.responses[endpoint.rest.status];
      if (isMutation) expect(success).toMatchObject({ headers: replayed });
      else expect(success).not.toMatchObject({ headers: replayed });
    }
  });

  it("says of every response which headers tell how far limits are used", () => {
    const limits = {
      ratelimit: { $ref: "#/components/headers/RateLimit" },
      "ratelimit-policy": { $ref: "#/components/headers/RateLimitPolicy" },
    };
    for (const { operation } of operations) {
      for (const [status, response] of Object.entries(operation.responses)) {
        if (status !== "413" && status !== "415") expect(response).toMatchObject({ headers: limits });
      }
    }
  });

  it("says where the next page is, and how to ask whether a response is still the same", () => {
    const list = find("transactions_list")?.responses["200"];
    expect(list).toMatchObject({ headers: { link: { $ref: "#/components/headers/Link" } } });
    expect(find("auth_me")?.responses["200"]).not.toMatchObject({ headers: { link: {} } });
    for (const { feature, name, endpoint } of listEndpoints()) {
      const statuses = Object.keys(find(`${feature}_${name}`)?.responses ?? {});
      expect([name, statuses.includes("304")]).toEqual([name, endpoint.revalidates ?? false]);
    }
    const etag = { $ref: "#/components/headers/ETag" };
    expect(find("analytics_dashboard")?.responses["304"]).toMatchObject({ headers: { etag } });
  });

  it("shows an example of every problem that fits the problem's schema", () => {
    const problems = Object.entries(document.components.schemas ?? {}).filter(([name]) =>
      name.endsWith("Problem"),
    );
    for (const [name, schema] of problems) {
      const { examples, properties, required } = schema as {
        readonly examples: readonly [Record<string, unknown>];
        readonly properties: Record<string, { readonly const?: unknown }>;
        readonly required: readonly string[];
      };
      const [example] = examples;
      expect([name, Object.keys(example).sort()]).toEqual([name, [...required].sort()]);
      expect(Object.keys(errorCatalogue)).toContain(example.code);
      for (const [field, value] of Object.entries(example)) {
        if (properties[field]?.const !== undefined) expect(value).toBe(properties[field].const);
      }
    }
  });
});
