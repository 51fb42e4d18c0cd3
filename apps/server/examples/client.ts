import { createClient } from "@obsqra/client";

const obsqra = createClient({ url: "http://localhost:8000" });
const email = `ada-${Date.now()}@example.org`;
await obsqra.auth.register.mutate({ email, password: "correct horse battery staple", full_name: "Ada" });

const { data_source, items } = await obsqra.predictions.yield_forecast.query();
const current = items.filter(({ stale }) => !stale);
for (const { protocol, apy, lower, upper } of current) {
  console.log(`${protocol}: ${apy.toFixed(1)} % a year (90 %: ${lower.toFixed(1)} to ${upper.toFixed(1)} %)`);
}
if (data_source.simulated) console.log("These figures are simulated.");
console.log(`Check one: npx pnpm verify http://localhost:8000 forecast ${current[0]?.id}`);

const suggestion = await obsqra.predictions.run_optimization.mutate({ assets: ["USDC"], amount: "10000" });
console.log(suggestion.allocation, suggestion.reason);
