import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Failure, Skeleton } from "./states.tsx";

interface LoadedProps<TData> {
  readonly query: Pick<UseQueryResult<TData>, "data" | "error" | "refetch">;
  /** Of what is to come, so that nothing moves when it does. */
  readonly height: number;
  readonly children: (data: TData) => ReactNode;
}

/** What was read; a skeleton until then, and what to do where it could not be. */
export function Loaded<TData>({ query, height, children }: LoadedProps<TData>) {
  const { data, error, refetch } = query;
  if (data !== undefined) return children(data);
  if (error === null) return <Skeleton height={height} />;
  return <Failure error={error} retry={() => void refetch()} />;
}
