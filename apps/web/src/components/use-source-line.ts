import { useQuery } from "@tanstack/react-query";
import { overviewQuery } from "../api/first-page.ts";
import { moment } from "../format/figures.ts";
import { texts } from "../texts/index.ts";

/** Where figures of markets are from; undefined until it is known. */
export function useSourceLine(): string | undefined {
  const { data } = useQuery(overviewQuery);
  if (data === undefined) return undefined;
  const { name, fetched_at } = data.data_source;
  return texts.units.source(name, moment(fetched_at));
}
