import { createConfig, lintFromString } from "@redocly/openapi-core";
import { expect, it } from "vitest";
import { buildOpenApiDocument } from "./build-openapi-document.ts";

/** What Redocly's recommended rules have against a document; none of them is switched off. */
async function lint(document: object): Promise<string[]> {
  const config = await createConfig({ extends: ["recommended"] });
  const problems = await lintFromString({ source: JSON.stringify(document), config });
  return problems.map(
    ({ severity, ruleId, message, location: [place] }) =>
      `${severity} ${ruleId}: ${message} ${place?.pointer}`,
  );
}

it("has neither errors nor warnings by Redocly's recommended rules", async () => {
  expect(await lint(buildOpenApiDocument())).toEqual([]);
});

it("would be told of an example that does not fit its schema, and of an operation without a summary", async () => {
  const document = structuredClone(buildOpenApiDocument()) as {
    paths: Record<
      string,
      Record<string, { summary?: string; requestBody?: { content: Record<string, object> } }>
    >;
  };
  const login = document.paths["/api/v1/auth/login"]?.post;
  delete login?.summary;
  Object.assign(login?.requestBody?.content["application/json"] ?? {}, { example: { email: 5 } });
  const problems = (await lint(document)).join("\n");
  expect(problems).toContain("error operation-summary");
  expect(problems).toContain("warn no-invalid-media-type-examples");
});
