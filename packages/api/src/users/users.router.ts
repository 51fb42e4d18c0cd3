import { contract } from "@obsqra/contract";
import { router, userProcedure } from "../trpc.ts";
import { changePreferences, getProfile } from "./users.service.ts";

const { users } = contract;

export const usersRouter = router({
  profile: userProcedure(users.profile).query(({ ctx }) => getProfile(ctx)),
  update_preferences: userProcedure(users.update_preferences).mutation(({ ctx, input }) =>
    changePreferences(ctx, input),
  ),
});
