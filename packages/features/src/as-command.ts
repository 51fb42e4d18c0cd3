import type { Command } from "@obsqra/platform";

/** A service that still opens its own transactions, as a command. Goes with the last of them. */
export function asCommand<TDependencies, TInput, TOutput>(
  service: (deps: TDependencies, input: TInput) => Promise<TOutput>,
): Command<TDependencies, TInput, TOutput, TOutput> {
  return { plan: service, write: async (_trx, planned) => planned };
}
