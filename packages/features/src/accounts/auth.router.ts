import { contract } from "@obsqra/contract";
import { publicProcedure, router, sessionProcedure, userProcedure } from "../trpc.ts";
import { createApiKey, getApiKeys, revokeApiKey } from "./api-keys/api-keys.service.ts";
import { requestEmailVerification, verifyEmail } from "./email-addresses/email-addresses.service.ts";
import { confirmEmailChange, requestEmailChange } from "./email-addresses/email-changes.service.ts";
import {
  changePassword,
  reauthenticate,
  requestPasswordReset,
  resetPassword,
} from "./passwords/passwords.service.ts";
import { getUser } from "./profile/profile.service.ts";
import { getSessions, logoutEverywhere, revokeOneSession } from "./sessions/sessions.service.ts";
import { login, logout, refresh, register } from "./sign-in/auth.service.ts";
import { createWalletChallenge } from "./wallets/wallet-challenge.service.ts";
import { connectWallet, getWallets, setPrimaryWallet, unlinkWallet } from "./wallets/wallets.service.ts";

const { auth } = contract;

export const authRouter = router({
  register: publicProcedure(auth.register).mutation(({ ctx, input }) => register(ctx, input)),
  login: publicProcedure(auth.login).mutation(({ ctx, input }) => login(ctx, input)),
  refresh: publicProcedure(auth.refresh).mutation(({ ctx, input }) => refresh(ctx, input)),
  logout: sessionProcedure(auth.logout).mutation(({ ctx }) => logout(ctx)),
  me: userProcedure(auth.me).query(({ ctx }) => getUser(ctx)),

  sessions: sessionProcedure(auth.sessions).query(({ ctx, input }) => getSessions(ctx, input)),
  revoke_session: sessionProcedure(auth.revoke_session).mutation(({ ctx, input }) =>
    revokeOneSession(ctx, input),
  ),
  logout_everywhere: sessionProcedure(auth.logout_everywhere).mutation(({ ctx }) => logoutEverywhere(ctx)),

  reauthenticate: sessionProcedure(auth.reauthenticate).mutation(({ ctx, input }) =>
    reauthenticate(ctx, input),
  ),
  change_password: sessionProcedure(auth.change_password).mutation(({ ctx, input }) =>
    changePassword(ctx, input),
  ),
  request_password_reset: publicProcedure(auth.request_password_reset).mutation(({ ctx, input }) =>
    requestPasswordReset(ctx, input),
  ),
  reset_password: publicProcedure(auth.reset_password).mutation(({ ctx, input }) =>
    resetPassword(ctx, input),
  ),

  request_email_verification: sessionProcedure(auth.request_email_verification).mutation(({ ctx }) =>
    requestEmailVerification(ctx),
  ),
  verify_email: publicProcedure(auth.verify_email).mutation(({ ctx, input }) => verifyEmail(ctx, input)),
  request_email_change: sessionProcedure(auth.request_email_change).mutation(({ ctx, input }) =>
    requestEmailChange(ctx, input),
  ),
  confirm_email_change: publicProcedure(auth.confirm_email_change).mutation(({ ctx, input }) =>
    confirmEmailChange(ctx, input),
  ),

  wallet_challenge: sessionProcedure(auth.wallet_challenge).mutation(({ ctx, input }) =>
    createWalletChallenge(ctx, input),
  ),
  connect_wallet: sessionProcedure(auth.connect_wallet).mutation(({ ctx, input }) =>
    connectWallet(ctx, input),
  ),
  wallets: userProcedure(auth.wallets).query(({ ctx, input }) => getWallets(ctx, input)),
  set_primary_wallet: sessionProcedure(auth.set_primary_wallet).mutation(({ ctx, input }) =>
    setPrimaryWallet(ctx, input),
  ),
  unlink_wallet: sessionProcedure(auth.unlink_wallet).mutation(({ ctx, input }) => unlinkWallet(ctx, input)),

  api_keys: sessionProcedure(auth.api_keys).query(({ ctx, input }) => getApiKeys(ctx, input)),
  create_api_key: sessionProcedure(auth.create_api_key).mutation(({ ctx, input }) =>
    createApiKey(ctx, input),
  ),
  revoke_api_key: sessionProcedure(auth.revoke_api_key).mutation(({ ctx, input }) =>
    revokeApiKey(ctx, input),
  ),
});
