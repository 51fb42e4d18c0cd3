import { createCaller } from "@obsqra/features";
import { readEnvironment } from "../src/env.ts";
import { openApplication } from "../src/open-application.ts";

const env = readEnvironment({ MARKET_SOURCE: "simulated", DATA_DIRECTORY: ".data/script" });
await using application = await openApplication(env);

const request = { id: "in-process", access_token: undefined, ip: undefined, user_agent: undefined };
const nobody = createCaller({ ...application.api, request });
const email = `ada-${Date.now()}@example.org`;
const tokens = await nobody.auth.register({
  email,
  password: "correct horse battery staple",
  full_name: "Ada",
});

const ada = createCaller({ ...application.api, request: { ...request, access_token: tokens.access_token } });
const { allocation, reason } = await ada.predictions.run_optimization({ risk_tolerance: "medium" });
console.log(allocation, reason);
