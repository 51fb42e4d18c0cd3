import recorded from "./recorded-examples.json" with { type: "json" };

/** A call of an operation as it was made against a server, and what came back. */
export interface RecordedExample {
  /** The fields of parameters and body; undefined where the operation takes none. */
  readonly input?: Readonly<Record<string, unknown>> | undefined;
  /** Undefined where the response is empty. */
  readonly output?: unknown;
}

/**
 * The example of an endpoint, such as `auth.login`. They are recorded, and executed each time, by
 * apps/server/test/openapi/examples.test.ts; `npx pnpm test -u` of that file records them anew.
 */
export function findExample(path: string): RecordedExample | undefined {
  const examples: { readonly [path: string]: RecordedExample } = recorded;
  return examples[path];
}
