import { gzipSync } from "node:zlib";
import { entityTag, isKnownTag } from "@obsqra/openapi";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { pageHeaders } from "../account-pages/page-headers.ts";
import type { WebFile, WebPages } from "./read-web-pages.ts";

/** What is named by its content never changes. */
const forever = "public, max-age=31536000, immutable";
/** Everything else is asked for again, and mostly still the same. */
const revalidated = "no-cache";

/**
 * Serves the dashboard at its paths. Nothing is loaded from elsewhere, and nothing inline runs. Where it has not been built, whoever opens
 * the bare address gets to the documentation.
 *
 * @param publicRead whether browsers are told what a page reads, so that they ask for it beside the script
 */
export function registerWebPages(
  app: FastifyInstance,
  pages: WebPages | undefined,
  { publicRead }: { readonly publicRead: boolean },
): void {
  if (pages === undefined) {
    app.get("/", (_request, reply) => reply.redirect("/docs"));
    return;
  }
  const { "cache-control": _never, "x-robots-tag": _hidden, ...policy } = pageHeaders({ hasFiles: true });
  for (const { path, reads } of pages.paths) {
    const page = pageAt(pages.page, path);
    // What mailed links lead to is kept and indexed by nobody.
    const isPrivate = path.startsWith("/account/");
    const early = publicRead && reads.length > 0 ? { link: reads.map(preload).join(", ") } : {};
    const headers = isPrivate
      ? pageHeaders({ hasFiles: true })
      : { ...policy, ...early, "cache-control": revalidated };
    app.get(path, (request, reply) => sendFile(request, reply.headers(headers), page));
  }
  for (const [path, file] of pages.files) {
    const send = (request: FastifyRequest, reply: FastifyReply) => {
      reply.header("cache-control", path.startsWith("/assets/") ? forever : revalidated);
      return sendFile(request, reply, file);
    };
    app.get(path, send);
    // Whatever shows no page of ours, such as a bookmark of /docs, asks there.
    if (path === "/icon.svg") app.get("/favicon.ico", send);
  }
}

/** As `fetch` asks (RFC 8288): without credentials of other sites, and for anything. */
function preload(read: string): string {
  return `<./${read}>; rel=preload; as=fetch; crossorigin`;
}

/** Paths of programs, which get a problem even where a browser opens them. */
const programPaths = /^\/(api|trpc|log|artefacts)(\/|$)/;

/**
 * Sends the page to a browser that asks for a path that there is not: it says so, and leads on.
 *
 * @returns undefined for whoever does not ask for HTML by name, and where the pages have not been built
 */
export function sendMissingPage(
  request: FastifyRequest,
  reply: FastifyReply,
  pages: WebPages | undefined,
): FastifyReply | undefined {
  const asksForPage = /\btext\/html\b/.test(request.headers.accept ?? "");
  if (pages === undefined || !asksForPage || programPaths.test(request.url)) return undefined;
  reply.headers({ ...pageHeaders({ hasFiles: true }), vary: "accept" });
  const [path = ""] = request.url.split("?");
  return reply.type(pages.page.type).send(pageAt(pages.page, path).bytes);
}

/** The page as it is at a path: what it loads is named from there, so that it also works where a proxy serves it below a path. */
function pageAt(page: WebFile, path: string): WebFile {
  const depth = path.split("/").length - 2;
  if (depth === 0) return page;
  const text = page.bytes.toString("utf8").replaceAll(/(src|href)="\.\//g, `$1="${"../".repeat(depth)}`);
  const bytes = Buffer.from(text);
  return { ...page, bytes, compressed: page.compressed && gzipSync(bytes), etag: entityTag(bytes) };
}

function sendFile(request: FastifyRequest, reply: FastifyReply, file: WebFile): FastifyReply {
  const { type, bytes, compressed, etag } = file;
  const isCompressed = compressed !== undefined && takesGzip(request.headers["accept-encoding"]);
  // Weak: the same content, in one encoding or another.
  reply.headers({ etag: `W/${etag}`, vary: "accept-encoding" });
  if (isKnownTag(request.headers["if-none-match"], etag)) return reply.code(304).send();
  reply.type(type);
  if (isCompressed) reply.header("content-encoding", "gzip");
  return reply.send(isCompressed ? compressed : bytes);
}

/** Whether a caller takes gzip (RFC 9110, 12.5.3); `gzip;q=0` says no. */
function takesGzip(accepted: string | undefined): boolean {
  return /(^|,)\s*gzip\s*(;\s*q=(?!0(\.0*)?\s*(,|$))[\d.]+)?\s*(,|$)/i.test(accepted ?? "");
}
