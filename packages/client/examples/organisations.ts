import { createClient, type TokenStorage } from "@obsqra/client";

export async function readForAll(tokens: TokenStorage) {
  const own = createClient({ url: "http://localhost:8000", tokens });
  const { items } = await own.organisations.list.query();
  return Promise.all(
    items.map(async ({ id, name }) => {
      const client = createClient({ url: "http://localhost:8000", tokens, owner: id });
      return { name, latest: (await client.transactions.list.query({ limit: 1 })).items[0] };
    }),
  );
}
