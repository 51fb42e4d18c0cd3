import { readFile } from "node:fs/promises";
import { createClient, follow } from "@obsqra/client";

// A file that only the bot can read, with a key of the scopes events:read and predictions:read.
const apiKey = (await readFile("obsqra.key", "utf8")).trim();
const obsqra = createClient({ url: "http://localhost:8000", apiKey });

for await (const event of follow(obsqra.events.follow, { topics: ["forecasts"] })) {
  // What is forecast now, and again whenever there is something new.
  if (event.type !== "stream.opened" && event.type !== "forecasts.published") continue;
  const { items } = await obsqra.predictions.yield_forecast.query({ limit: 5 });
  for (const { protocol, lower, upper } of items) {
    console.log(`${protocol}: ${lower.toFixed(1)} to ${upper.toFixed(1)} % a year`);
  }
}
