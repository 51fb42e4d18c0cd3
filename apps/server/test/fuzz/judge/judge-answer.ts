import { isDeepStrictEqual } from "node:util";
import type { NamedEndpoint } from "@obsqra/contract";
import { z } from "zod";
import { FuzzFailure } from "../fuzz-failure.ts";
import type { HttpAnswer } from "../http/read-answer.ts";
import { type AnsweredError, judgeEnvelope, judgeProblem, parseJson } from "./judge-error.ts";

/** What an endpoint answered, once that has been found to be as declared. */
export type Outcome =
  | { readonly ok: true; readonly data: unknown }
  | { readonly ok: false; readonly error: AnsweredError };

const trpcAnswer = z.union([
  z.strictObject({ result: z.strictObject({ data: z.unknown().optional() }) }),
  z.strictObject({ error: z.unknown() }),
]);

/**
 * Judges a REST answer: the declared status and output, or a declared error.
 *
 * @throws FuzzFailure
 */
export function judgeRestAnswer(answer: HttpAnswer, named: NamedEndpoint): Outcome {
  judgeHead(answer);
  if (answer.status >= 300) return { ok: false, error: judgeProblem(answer, named) };
  const { status } = named.endpoint.rest;
  if (answer.status !== status) {
    throw new FuzzFailure("wrong_answer", `${named.path} answers ${answer.status} instead of ${status}`);
  }
  const data = answer.status === 204 ? undefined : parseJson(answer.body);
  return { ok: true, data: judgeOutput(named, data) };
}

/**
 * Judges the answer to one call of tRPC.
 *
 * @throws FuzzFailure
 */
export function judgeTrpcAnswer(answer: HttpAnswer, named: NamedEndpoint): Outcome {
  judgeHead(answer);
  if (isProblem(answer)) return { ok: false, error: judgeProblem(answer, named) };
  return judgeCall(answer, parseJson(answer.body), named);
}

/**
 * Judges the answer to a batch of tRPC: one outcome for each call, in their order.
 *
 * @throws FuzzFailure
 */
export function judgeBatchAnswer(answer: HttpAnswer, called: readonly NamedEndpoint[]): Outcome[] {
  judgeHead(answer);
  if (isProblem(answer)) return called.map((named) => ({ ok: false, error: judgeProblem(answer, named) }));
  const answers = z.array(z.unknown()).safeParse(parseJson(answer.body));
  if (!answers.success || answers.data.length !== called.length) {
    throw new FuzzFailure("wrong_answer", `${called.length} calls were answered with ${answer.body}`);
  }
  return called.map((named, index) => judgeCall(answer, answers.data[index], named));
}

/**
 * Judges an answer to whatever was sent: it may be refused or done, but only in ways that are declared somewhere.
 *
 * @throws FuzzFailure
 */
export function judgeAnyAnswer(answer: HttpAnswer): void {
  judgeHead(answer);
  if (answer.body === "") return;
  if (isProblem(answer)) {
    judgeProblem(answer);
    return;
  }
  if (answer.status < 300 || !isJson(answer)) return;
  for (const each of [parseJson(answer.body)].flat()) judgeCall(answer, each);
}

function judgeHead({ status, headers, body }: HttpAnswer): void {
  if (status >= 500 && status !== 503) throw new FuzzFailure("server_error", `${status} ${body}`);
  if (!/^[0-9a-f-]{36}$/.test(headers.get("x-request-id") ?? "")) {
    throw new FuzzFailure("wrong_answer", `an answer has no request id: ${status} ${body.slice(0, 500)}`);
  }
}

function judgeCall(answer: HttpAnswer, each: unknown, named?: NamedEndpoint): Outcome {
  const parsed = trpcAnswer.safeParse(each);
  if (!parsed.success) {
    throw new FuzzFailure("wrong_answer", `this is no answer of tRPC: ${JSON.stringify(each)}`);
  }
  if ("error" in parsed.data) {
    return { ok: false, error: judgeEnvelope(answer, parsed.data.error, named) };
  }
  const { data } = parsed.data.result;
  return { ok: true, data: named === undefined ? data : judgeOutput(named, data) };
}

/** Exactly what is declared: a schema alone would overlook fields that it does not know. */
function judgeOutput({ path, endpoint }: NamedEndpoint, data: unknown): unknown {
  const parsed = endpoint.output.safeParse(data);
  const shown = JSON.stringify(data)?.slice(0, 2000);
  if (!parsed.success) {
    throw new FuzzFailure("wrong_answer", `${path} answers ${shown}: ${parsed.error.message}`);
  }
  if (!isDeepStrictEqual(parsed.data, data)) {
    throw new FuzzFailure("wrong_answer", `${path} answers with fields that are not declared: ${shown}`);
  }
  return data;
}

function isProblem({ headers }: HttpAnswer): boolean {
  return headers.get("content-type")?.startsWith("application/problem+json") ?? false;
}

function isJson({ headers }: HttpAnswer): boolean {
  return headers.get("content-type")?.startsWith("application/json") ?? false;
}
