import type { FastifyInstance, FastifyRequest } from "fastify";
import { healthPaths } from "../health.ts";
import type { OpenSpan, Tracing } from "./create-tracing.ts";

/** The traces of requests that are under way. */
const spans = new WeakMap<FastifyRequest, OpenSpan>();

/** Follows each request but those of health checks and of metrics. */
export function registerTracing(
  app: FastifyInstance,
  { beginRequest }: Tracing,
  isTrusted: (address: string) => boolean,
): void {
  app.addHook("onRequest", (request, _reply, done) => {
    const { url } = request.routeOptions;
    if (url !== undefined && (healthPaths.has(url) || url === "/metrics")) return done();
    const { remoteAddress = "" } = request.socket;
    const span = beginRequest({
      traceparent: request.headers.traceparent,
      isTrusted: isTrusted(remoteAddress),
    });
    spans.set(request, span);
    span.run(done);
  });
  // The body has come in the context of its connection.
  app.addHook("preValidation", (request, _reply, done) => {
    const span = spans.get(request);
    if (span === undefined) done();
    else span.run(done);
  });
  app.addHook("onResponse", (request, { statusCode }, done) => {
    const { method, routeOptions } = request;
    const route = routeOptions.url;
    spans.get(request)?.end({
      name: route === undefined ? method : `${method} ${route}`,
      attributes: {
        "http.request.method": method,
        ...(route !== undefined && { "http.route": route }),
        "http.response.status_code": statusCode,
      },
      isError: statusCode >= 500,
    });
    done();
  });
}

/** What the log says of a request's trace. */
export function traceOf(request: FastifyRequest): { readonly trace_id?: string } {
  const span = spans.get(request);
  return span === undefined ? {} : { trace_id: span.context.traceId };
}
