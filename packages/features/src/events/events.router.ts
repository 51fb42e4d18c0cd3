import { contract } from "@obsqra/contract";
import { router, subscription } from "../trpc.ts";
import { followEvents } from "./follow-events.service.ts";

const { events } = contract;

export const eventsRouter = router({
  follow: subscription(events.follow, followEvents),
});
