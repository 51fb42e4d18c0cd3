import { createClient } from "@obsqra/client";
import { createQueries } from "@obsqra/client/react-query";
import { QueryClient, QueryClientProvider, useQuery } from "@tanstack/react-query";
import { createRoot } from "react-dom/client";

const queries = createQueries(createClient({ url: "http://localhost:8000" }));

function Forecasts() {
  const { data, error } = useQuery(queries.predictions.yield_forecast.queryOptions({ limit: 5 }));
  if (error) return <p role="alert">{error.message}</p>;
  return data?.items.map(({ id, protocol, apy }) => (
    <p key={id}>{`${protocol}: ${apy.toFixed(1)} % a year`}</p>
  ));
}

const queryClient = new QueryClient();
const root = createRoot(document.body.appendChild(document.createElement("main")));
root.render(<QueryClientProvider client={queryClient} children={<Forecasts />} />);
