import { contract } from "@obsqra/contract";
import { mutation, query, router } from "../trpc.ts";
import { getExportRecords, startExport } from "./export.service.ts";

const { users } = contract;

/** The part of `users` that uses the other features. */
export const exportRouter = router({
  start_export: mutation(users.start_export, startExport),
  export_records: query(users.export_records, getExportRecords),
  export_data: query(users.export_data, getExportRecords),
});
