import { contract } from "@obsqra/contract";
import { query, router } from "../trpc.ts";
import { getVersion } from "./service.service.ts";

const { service } = contract;

export const serviceRouter = router({
  version: query(service.version, getVersion),
});
