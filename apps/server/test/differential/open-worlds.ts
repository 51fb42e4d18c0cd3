import { openWorld, type World } from "./world.ts";

/** Worlds that are the same but for the way in which they are asked. */
export interface Worlds extends AsyncDisposable {
  readonly list: readonly World[];
}

/** Opens one world for REST, one for tRPC, one for GraphQL and one for calls within the process, all with the same market and models. */
export async function openWorlds(): Promise<Worlds> {
  await using opened = new AsyncDisposableStack();
  const list: World[] = [];
  for (const name of ["REST", "tRPC", "GraphQL", "in process"] as const) {
    list.push(opened.use(await openWorld(name, { withForecasts: true })));
  }
  const kept = opened.move();
  return { list, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}
