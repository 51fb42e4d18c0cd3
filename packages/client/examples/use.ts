import { createClient, isObsqraError } from "@obsqra/client";

const obsqra = createClient({ url: "http://localhost:8000" });

await obsqra.auth.register.mutate({
  email: "ada@example.org",
  password: "correct horse battery staple",
  full_name: "Ada",
});

const { protocols } = await obsqra.analytics.dashboard.query();
const { items } = await obsqra.predictions.yield_forecast.query({ protocol: "ekubo" });
console.log(protocols.length, items);

try {
  const suggestion = await obsqra.predictions.run_optimization.mutate({ assets: ["USDC"], amount: "10000" });
  console.log(suggestion.outcome, suggestion.allocation, suggestion.reason);
} catch (error) {
  if (isObsqraError(error, "ALLOCATION_INVALID")) console.log(error.details.reason);
  else throw error;
}
