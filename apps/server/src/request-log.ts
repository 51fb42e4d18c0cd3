import { type FastifyBaseLogger, type FastifyReply, type FastifyRequest, LogController } from "fastify";
import type { Bindings, ChildLoggerOptions } from "pino";
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

/** How Fastify has a request's own logger made. */
export function createRequestLogger(
  logger: FastifyBaseLogger,
  bindings: Bindings,
  options: ChildLoggerOptions,
): FastifyBaseLogger {
  return new RequestLogger(() => logger.child(bindings, options));
}

/**
 * A request's own logger, which is made when something is logged with it: few requests do, and looking for secrets in what it says with
 * each line costs more than all the rest of a small request's log.
 */
class RequestLogger implements FastifyBaseLogger {
  readonly #make: () => FastifyBaseLogger;
  #made: FastifyBaseLogger | undefined;

  constructor(make: () => FastifyBaseLogger) {
    this.#make = make;
  }

  get level(): string {
    return this.#own().level;
  }

  set level(level: string) {
    this.#own().level = level;
  }

  child(bindings: Bindings, options?: ChildLoggerOptions): FastifyBaseLogger {
    return this.#own().child(bindings, options);
  }

  fatal(...parts: LogParts): void {
    this.#own().fatal(...parts);
  }

  error(...parts: LogParts): void {
    this.#own().error(...parts);
  }

  warn(...parts: LogParts): void {
    this.#own().warn(...parts);
  }

  info(...parts: LogParts): void {
    this.#own().info(...parts);
  }

  debug(...parts: LogParts): void {
    this.#own().debug(...parts);
  }

  trace(...parts: LogParts): void {
    this.#own().trace(...parts);
  }

  silent(): void {}

  #own(): FastifyBaseLogger {
    this.#made ??= this.#make();
    return this.#made;
  }
}

type LogParts = Parameters<FastifyBaseLogger["info"]>;

function isHealthCheck(url: string): boolean {
  const [path = ""] = url.split("?", 1);
  return healthPaths.has(path.replace(/\/$/, ""));
}
