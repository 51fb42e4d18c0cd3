import { createClient } from "@obsqra/client";

// Once, by a person. The key is shown this one time.
const person = createClient({ url: "http://localhost:8000" });
await person.auth.login.mutate({ email: "ada@example.org", password: "correct horse battery staple" });
const { key } = await person.auth.create_api_key.mutate({
  name: "Nightly report",
  scopes: ["analytics:read"],
  expires_in_days: 30,
});

// From then on, by the service.
const service = createClient({ url: "http://localhost:8000", apiKey: key });
const { protocols } = await service.analytics.dashboard.query();
console.log(`${protocols.length} protocols`);
