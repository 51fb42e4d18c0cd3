import { type FastifyBaseLogger, type FastifyReply, type FastifyRequest, LogController } from "fastify";
import { healthPaths } from "./health.ts";
import { traceOf } from "./tracing/register-tracing.ts";

/** Writes one line for each request once it is over, also where its sender has gone before; none for health checks. */
export class RequestLog extends LogController {
  readonly #lines: FastifyBaseLogger;

  constructor(logger: FastifyBaseLogger) {
    super();
    // The facts of a request, below, are no secrets: looking for some in each line would cost more than all the rest of it.
    this.#lines = logger.child({}, { redact: [] });
  }

  override incomingRequest(request: FastifyRequest, reply: FastifyReply): void {
    if (isHealthCheck(request.url)) return;
    reply.raw.once("close", () => {
      const facts = {
        reqId: request.id,
        req: request,
        res: { statusCode: reply.statusCode },
        responseTime: reply.elapsedTime,
        ...traceOf(request),
      };
      const isCompleted = reply.raw.writableFinished || reply.statusCode === 101;
      this.#lines.info(facts, isCompleted ? "request completed" : "request aborted");
    });
  }

  /** Comes only where a response has been sent. */
  override requestCompleted(): void {}
}

function isHealthCheck(url: string): boolean {
  const [path = ""] = url.split("?", 1);
  return healthPaths.has(path.replace(/\/$/, ""));
}
