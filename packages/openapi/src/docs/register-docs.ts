import swagger, { type StaticDocumentSpec } from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { FastifyInstance } from "fastify";
import { buildOpenApiDocument, type OpenApiDocument } from "../document/build-openapi-document.ts";
import { entityTag, isKnownTag } from "../response/revalidation.ts";
import { renderErrorPages } from "./error-pages.ts";
import { htmlPagePolicy } from "./html-page.ts";
import { renderPlainTexts } from "./plain-texts.ts";

// Swagger UI draws its icons from data URLs and sets one style of its own, which is named by its hash: a new version may
// have another one. Everything else comes from this server.
const swaggerStyle = "'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w='";
const swaggerPolicy = `default-src 'self'; base-uri 'self'; frame-ancestors 'self'; img-src 'self' data:; object-src 'none'; style-src 'self' ${swaggerStyle}`;

/** The document, and as JSON. */
interface Documentation {
  readonly document: OpenApiDocument;
  readonly text: string;
}

/** The same for each server of a process: the contract does not change meanwhile. */
let documentation: Documentation | undefined;

function describe(): Documentation {
  const document = buildOpenApiDocument();
  return { document, text: JSON.stringify(document) };
}

/**
 * Serves the interactive documentation at `/docs`, the document at `/openapi.json`, all of it as plain text at `/llms-full.txt` with an index at `/llms.txt`, and a page for every error below
 * `/errors`. Nothing is loaded from elsewhere. The pages bring their own content security policies, which replace the
 * one that helmet sets.
 */
export async function registerDocs(app: FastifyInstance): Promise<void> {
  documentation ??= describe();
  const { document, text } = documentation;
  registerText(app, "/openapi.json", {
    text,
    headers: { "content-type": "application/json; charset=utf-8" },
  });
  for (const [path, text] of renderPlainTexts(document)) {
    registerText(app, path, { text, headers: { "content-type": "text/plain; charset=utf-8" } });
  }
  for (const [path, text] of renderErrorPages()) {
    const headers = {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": htmlPagePolicy,
    };
    registerText(app, path, { text, headers });
  }
  await app.register(async (scope) => {
    // The plugin only hands the document on; its type does not know OpenAPI 3.1.
    const specification = { document: document as unknown as StaticDocumentSpec["document"] };
    await scope.register(swagger, { mode: "static", specification });
    await scope.register(swaggerUi, {
      routePrefix: "/docs",
      staticCSP: swaggerPolicy,
      theme: {
        title: "Obsqra API",
        // The bar on top only offers to open other documents.
        css: [{ filename: "obsqra.css", content: ".swagger-ui .topbar { display: none }" }],
      },
      // Tokens are forgotten with the page: where a browser keeps them, whatever runs on this origin later finds them.
      uiConfig: { deepLinking: true, persistAuthorization: false, tryItOutEnabled: true },
    });
  });
}

interface ServedText {
  readonly text: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Serves a text that changes with releases only: callers keep it and ask whether it is still the same. */
function registerText(app: FastifyInstance, path: string, { text, headers }: ServedText): void {
  const etag = entityTag(text);
  // A text would be copied for every connection whose other end reads slowly; bytes are shared.
  const bytes = Buffer.from(text);
  app.get(path, (request, reply) => {
    reply.headers({ ...headers, etag, "cache-control": "no-cache" });
    return isKnownTag(request.headers["if-none-match"], etag) ? reply.code(304).send() : reply.send(bytes);
  });
}
