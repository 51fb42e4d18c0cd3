import { type LoginInput, type ObsqraClient, signIn, type Tokens } from "@obsqra/client";
import type { Place } from "./place.ts";
import { visibleText } from "./visible-text.ts";
import { waitVisibly } from "./wait-visibly.ts";

/** So often a code is asked for at a terminal; what is piped has one. */
const codesMax = 3;

/**
 * Signs in, and asks for a code where the account has a second factor.
 *
 * @throws ObsqraError also when the code is refused
 */
export async function signInVisibly(
  client: ObsqraClient,
  input: LoginInput,
  { complaints, readSecret, signal }: Place,
): Promise<Tokens> {
  let step = await waitVisibly(complaints, signIn(client, input, { signal }));
  const attemptsMax = complaints.isTerminal ? codesMax : 1;
  for (let attempt = 0; step.state === "code_needed" && attempt < attemptsMax; attempt += 1) {
    if (step.refused !== undefined) complaints.write(`${visibleText(step.refused.message)}\n`);
    const code = await readSecret("code of your app, or recovery code");
    step = await waitVisibly(complaints, step.answer({ code }, { signal }));
  }
  if (step.state === "signed_in") return step.tokens;
  throw step.refused ?? new Error("No code was asked for.");
}
