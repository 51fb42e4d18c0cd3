import { contract } from "@obsqra/contract";
import { asCommand } from "../as-command.ts";
import { exportData } from "../export/export.service.ts";
import { mutation, query, router } from "../trpc.ts";
import { getAuditLog } from "./audit/audit.service.ts";
import { cancelDeletion, scheduleDeletion } from "./deletion/deletion.service.ts";
import { changePreferences, changeProfile, getProfile } from "./profile/profile.service.ts";
import { getUsage } from "./profile/usage.service.ts";

const { users } = contract;

export const usersRouter = router({
  profile: query(users.profile, getProfile),
  update_profile: mutation(users.update_profile, changeProfile),
  update_preferences: mutation(users.update_preferences, changePreferences),
  usage: query(users.usage, getUsage),
  audit_log: query(users.audit_log, getAuditLog),
  export_data: query(users.export_data, exportData),
  schedule_deletion: mutation(users.schedule_deletion, asCommand(scheduleDeletion)),
  cancel_deletion: mutation(users.cancel_deletion, asCommand(cancelDeletion)),
});
