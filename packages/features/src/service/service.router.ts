import { contract } from "@obsqra/contract";
import { publicProcedure, router } from "../trpc.ts";
import { getVersion } from "./service.service.ts";

const { service } = contract;

export const serviceRouter = router({
  version: publicProcedure(service.version).query(() => getVersion()),
});
