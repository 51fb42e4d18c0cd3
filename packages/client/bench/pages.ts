/** A page that only creates a client and calls two procedures. */
export const page = `
import { createClient } from "@obsqra/client";
const obsqra = createClient({ url: "" });
console.log(await obsqra.analytics.dashboard.query(), await obsqra.predictions.yield_forecast.query());
`;

/** Pages that use one thing more. */
export const pages = {
  "and paginate": `${page}
import { paginate } from "@obsqra/client";
for await (const each of paginate(obsqra.transactions.list)) console.log(each);
`,
  "and follow": `${page}
import { follow } from "@obsqra/client";
for await (const event of follow(obsqra.events.follow)) console.log(event);
`,
  "and followTogether": `${page}
import { followTogether } from "@obsqra/client";
for await (const event of followTogether(obsqra.events.follow, {}, { name: "x" })) console.log(event);
`,
  "and renewTokens": `${page}
import { renewTokens } from "@obsqra/client";
console.log(await renewTokens({ url: "", tokens: { access_token: "", refresh_token: "" } }));
`,
  "and createQueries of react-query": `${page}
import { createQueries } from "@obsqra/client/react-query";
console.log(createQueries(obsqra).auth.me.queryOptions());
`,
  "and startLiveUpdates of react-query": `${page}
import { createQueries, startLiveUpdates } from "@obsqra/client/react-query";
import { QueryClient } from "@tanstack/react-query";
startLiveUpdates({ client: obsqra, queries: createQueries(obsqra), queryClient: new QueryClient() });
`,
} as const;
