import { contract } from "@obsqra/contract";
import { asCommand } from "../as-command.ts";
import { mutation, query, router } from "../trpc.ts";
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
  register: mutation(auth.register, asCommand(register)),
  login: mutation(auth.login, asCommand(login)),
  refresh: mutation(auth.refresh, asCommand(refresh)),
  logout: mutation(auth.logout, asCommand(logout)),
  me: query(auth.me, getUser),

  sessions: query(auth.sessions, getSessions),
  revoke_session: mutation(auth.revoke_session, asCommand(revokeOneSession)),
  logout_everywhere: mutation(auth.logout_everywhere, asCommand(logoutEverywhere)),

  reauthenticate: mutation(auth.reauthenticate, asCommand(reauthenticate)),
  change_password: mutation(auth.change_password, asCommand(changePassword)),
  request_password_reset: mutation(auth.request_password_reset, asCommand(requestPasswordReset)),
  reset_password: mutation(auth.reset_password, asCommand(resetPassword)),

  request_email_verification: mutation(auth.request_email_verification, requestEmailVerification),
  verify_email: mutation(auth.verify_email, verifyEmail),
  request_email_change: mutation(auth.request_email_change, requestEmailChange),
  confirm_email_change: mutation(auth.confirm_email_change, confirmEmailChange),

  wallet_challenge: mutation(auth.wallet_challenge, createWalletChallenge),
  connect_wallet: mutation(auth.connect_wallet, connectWallet),
  wallets: query(auth.wallets, getWallets),
  set_primary_wallet: mutation(auth.set_primary_wallet, setPrimaryWallet),
  unlink_wallet: mutation(auth.unlink_wallet, unlinkWallet),

  api_keys: query(auth.api_keys, getApiKeys),
  create_api_key: mutation(auth.create_api_key, asCommand(createApiKey)),
  revoke_api_key: mutation(auth.revoke_api_key, asCommand(revokeApiKey)),
});
