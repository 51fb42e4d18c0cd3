import { listCalls, type NamedEndpoint } from "@obsqra/contract";
import { arbitraryInput, arbitraryInvalidInput } from "@obsqra/contract/testing";
import fc from "fast-check";
import { runExchange } from "../wire/exchange.ts";
import { asOwner, hostileExchange } from "../wire/hostile-exchange.ts";
import { defineCommand, travel, travelling } from "./command.ts";
import { strangerToken } from "./stranger.ts";

interface AnyCall {
  readonly path: string;
  readonly input: unknown;
}

/** Calls of every endpoint by somebody whom the model does not follow, with inputs good and bad: only responses are judged. */
export const anyCommands = [
  defineCommand({
    name: "call anything",
    weight: 20,
    parameters: fc.record({
      call: fc.oneof(...listCalls().map(anyCall)),
      isSignedIn: fc.boolean(),
      travel,
    }),
    run: async (world, { call, isSignedIn, travel }) => {
      const bearer = isSignedIn ? await strangerToken(world) : undefined;
      await world.caller.call({ ...call, bearer, ...travelling(world, travel) });
    },
  }),
  defineCommand({
    name: "send anything",
    weight: 20,
    parameters: hostileExchange(),
    run: async (world, made) => {
      const exchange = asOwner(made, await strangerToken(world));
      const responses = await runExchange(world.server.url, exchange);
      world.tally.countRequests(
        exchange.requests.length,
        responses.map(({ status }) => status),
      );
    },
  }),
];

function anyCall({ path, endpoint }: NamedEndpoint): fc.Arbitrary<AnyCall> {
  const input = fc.oneof(
    { weight: 2, arbitrary: arbitraryInput(endpoint.input) },
    { weight: 1, arbitrary: arbitraryInvalidInput(endpoint.input) },
  );
  return input.map((given) => ({ path, input: given }));
}
