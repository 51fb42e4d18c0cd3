import { type AppRouter, createClient } from "@obsqra/client";
import { createTRPCClient, createWSClient, httpBatchLink, splitLink, wsLink } from "@trpc/client";

const signedIn = createClient({ url: "http://localhost:8000" });
const { access_token } = await signedIn.auth.login.mutate({
  email: "ada@example.org",
  password: "correct horse battery staple",
});

const socket = createWSClient({
  url: "ws://localhost:8000/trpc",
  // Asked for on each connection: give the newest token.
  connectionParams: () => ({ authorization: `Bearer ${access_token}` }),
  // Closed while nobody follows.
  lazy: { enabled: true, closeMs: 1_000 },
});
const obsqra = createTRPCClient<AppRouter>({
  links: [
    splitLink({
      condition: ({ type }) => type === "subscription",
      true: wsLink({ client: socket }),
      false: httpBatchLink({
        url: "http://localhost:8000/trpc",
        headers: { authorization: `Bearer ${access_token}` },
      }),
    }),
  ],
});

const subscription = obsqra.events.follow.subscribe(
  { topics: ["transactions"] },
  {
    onData: ({ data: event }) => {
      console.log(`over a WebSocket: ${event.type}`);
      subscription.unsubscribe();
    },
    // STREAM_TOO_SLOW or TOKEN_EXPIRED: subscribe again, with the last `event.id` as `after`.
    onError: ({ data }) => console.error(data?.app_code),
  },
);
