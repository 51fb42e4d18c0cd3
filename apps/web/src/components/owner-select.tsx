import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { actFor, queries } from "../api/client.ts";
import { useOwner } from "../api/owner.ts";
import { texts } from "../texts/index.ts";
import { Select } from "./select.tsx";

const { organisations: words } = texts;

/** For whom this tab acts: whoever is signed in, or one of their organisations. There is nothing to choose without any. */
export function OwnerSelect() {
  const owner = useOwner();
  const { data } = useQuery(queries.organisations.list.queryOptions({ limit: 100 }));
  const isGone = owner !== undefined && data?.items.every(({ id }) => id !== owner) === true;
  // Whoever was removed acts for themselves again.
  useEffect(() => {
    if (isGone) actFor(undefined);
  }, [isGone]);
  if (data === undefined || data.items.length === 0) return null;
  return (
    <Select
      label={words.actFor}
      value={owner ?? ""}
      options={[
        { value: "", label: words.yourself },
        ...data.items.map(({ id, name }) => ({ value: id, label: name })),
      ]}
      onChange={(id) => actFor(id === "" ? undefined : id)}
    />
  );
}
