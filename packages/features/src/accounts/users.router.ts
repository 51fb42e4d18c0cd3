import { contract } from "@obsqra/contract";
import { exportData } from "../export/export.service.ts";
import { router, sessionProcedure, userProcedure } from "../trpc.ts";
import { getAuditLog } from "./audit/audit.service.ts";
import { cancelDeletion, scheduleDeletion } from "./deletion/deletion.service.ts";
import { changePreferences, changeProfile, getProfile } from "./profile/profile.service.ts";
import { getUsage } from "./profile/usage.service.ts";

const { users } = contract;

export const usersRouter = router({
  profile: userProcedure(users.profile).query(({ ctx }) => getProfile(ctx)),
  update_profile: userProcedure(users.update_profile).mutation(({ ctx, input }) => changeProfile(ctx, input)),
  update_preferences: userProcedure(users.update_preferences).mutation(({ ctx, input }) =>
    changePreferences(ctx, input),
  ),
  usage: userProcedure(users.usage).query(({ ctx }) => getUsage(ctx)),
  audit_log: sessionProcedure(users.audit_log).query(({ ctx, input }) => getAuditLog(ctx, input)),
  export_data: sessionProcedure(users.export_data).query(({ ctx, input }) => exportData(ctx, input)),
  schedule_deletion: sessionProcedure(users.schedule_deletion).mutation(({ ctx }) => scheduleDeletion(ctx)),
  cancel_deletion: sessionProcedure(users.cancel_deletion).mutation(({ ctx }) => cancelDeletion(ctx)),
});
