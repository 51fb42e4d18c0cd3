import { type ApiDependencies, gasQuotesEveryMs } from "@obsqra/features";

/** Reads what gas costs now and every few minutes, beside whatever else is done; the function that it returns ends that. */
export function watchGas({ gasQuotes }: Pick<ApiDependencies, "gasQuotes">): () => void {
  void gasQuotes.refresh();
  const timer = setInterval(() => void gasQuotes.refresh(), gasQuotesEveryMs).unref();
  return () => clearInterval(timer);
}
