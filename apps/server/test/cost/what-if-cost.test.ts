import { contract, type WhatIfInput } from "@obsqra/contract";
import { arbitraryInput } from "@obsqra/contract/testing";
import { createCaller } from "@obsqra/features";
import { createTestApi } from "@obsqra/features/testing";
import fc from "fast-check";
import { expect, it } from "vitest";
import { watchTurns } from "../../bench/watch-turns.ts";
import { createOptimizerThread } from "../../src/optimization/optimizer-thread.ts";
import { hardestQuestion } from "./most-expensive-inputs.ts";

/** Milliseconds of processor time in which nobody else is served. */
const turnMsMax = 100;

it("holds up nobody for longer than a tenth of a second, whatever is supposed", async () => {
  await using api = await createTestApi();
  await using optimizer = createOptimizerThread();
  const { access_token } = await api.caller().auth.register({
    email: "ada@example.org",
    password: "correct horse battery",
    full_name: "Ada",
  });
  const request = { id: "cost", access_token, ip: undefined, user_agent: undefined };
  const caller = createCaller({ ...api.deps, optimizer, request });
  const any = fc.sample(arbitraryInput(contract.predictions.what_if.input), { numRuns: 20, seed: 1 });
  const hard = Array.from({ length: 5 }, (_, seed) => hardestQuestion(seed));
  // What is compiled first is no question's cost.
  await caller.predictions.what_if(hardestQuestion(9));
  for (const input of [...hard, ...any]) {
    const { longestMs } = await watchTurns(async () => {
      // Safe: the arbitrary values are of the endpoint's own schema; a refusal is an answer, too.
      await caller.predictions.what_if(input as WhatIfInput).catch(() => undefined);
    });
    expect(longestMs).toBeLessThan(turnMsMax);
  }
});
