import { contract } from "@obsqra/contract";
import { mutation, query, router } from "../trpc.ts";
import { getAuditLog } from "./audit/audit.service.ts";
import { cancelDeletion, scheduleDeletion } from "./deletion/deletion.service.ts";
import { changePreferences, changeProfile, getPreferences, getProfile } from "./profile/profile.service.ts";
import { getUsage } from "./profile/usage.service.ts";

const { users } = contract;

export const usersRouter = router({
  profile: query(users.profile, getProfile),
  update_profile: mutation(users.update_profile, changeProfile),
  preferences: query(users.preferences, getPreferences),
  update_preferences: mutation(users.update_preferences, changePreferences),
  usage: query(users.usage, getUsage),
  audit_log: query(users.audit_log, getAuditLog),
  schedule_deletion: mutation(users.schedule_deletion, scheduleDeletion),
  cancel_deletion: mutation(users.cancel_deletion, cancelDeletion),
});
