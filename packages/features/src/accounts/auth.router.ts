import { contract } from "@obsqra/contract";
import { mutation, query, router } from "../trpc.ts";
import { allowAgent } from "./agents/allow-agent.service.ts";
import { createApiKey, getApiKeys, revokeApiKey } from "./api-keys/api-keys.service.ts";
import { requestEmailVerification, verifyEmail } from "./email-addresses/email-addresses.service.ts";
import { confirmEmailChange, requestEmailChange } from "./email-addresses/email-changes.service.ts";
import {
  getIdentities,
  getIdentityProviders,
  linkIdentity,
  unlinkIdentity,
} from "./identities/identities.service.ts";
import { beginIdentityLink, beginIdentityLogin } from "./identities/identity-attempt.service.ts";
import { loginWithIdentity } from "./identities/identity-login.service.ts";
import { addPasskey, setUpPasskey } from "./passkeys/add-passkey.service.ts";
import { createPasskeyChallenge, loginWithPasskey } from "./passkeys/passkey-login.service.ts";
import { getPasskeys, removePasskey, renamePasskey } from "./passkeys/passkeys.service.ts";
import { changePassword, requestPasswordReset, resetPassword } from "./passwords/passwords.service.ts";
import { reauthenticate } from "./passwords/reauthenticate.service.ts";
import { getUser } from "./profile/profile.service.ts";
import { forgetDevice, getRememberedDevices } from "./remembered-devices/remembered-devices.service.ts";
import {
  getSecondFactor,
  renewRecoveryCodes,
  turnOffSecondFactor,
} from "./second-factor/second-factor.service.ts";
import { confirmTotp, setUpTotp } from "./second-factor/totp-set-up.service.ts";
import { getSessions, logout, logoutEverywhere, revokeSession } from "./sessions/sessions.service.ts";
import { completeLogin } from "./sign-in/complete-login.service.ts";
import { login } from "./sign-in/login.service.ts";
import { refresh } from "./sign-in/refresh.service.ts";
import { register } from "./sign-in/register.service.ts";
import { createWalletChallenge } from "./wallets/wallet-challenge.service.ts";
import { connectWallet, getWallets, setPrimaryWallet, unlinkWallet } from "./wallets/wallets.service.ts";

const { auth } = contract;

export const authRouter = router({
  register: mutation(auth.register, register),
  login: mutation(auth.login, login),
  refresh: mutation(auth.refresh, refresh),
  logout: mutation(auth.logout, logout),
  me: query(auth.me, getUser),

  complete_login: mutation(auth.complete_login, completeLogin),
  second_factor: query(auth.second_factor, getSecondFactor),
  set_up_totp: mutation(auth.set_up_totp, setUpTotp),
  confirm_totp: mutation(auth.confirm_totp, confirmTotp),
  turn_off_second_factor: mutation(auth.turn_off_second_factor, turnOffSecondFactor),
  renew_recovery_codes: mutation(auth.renew_recovery_codes, renewRecoveryCodes),

  passkey_challenge: mutation(auth.passkey_challenge, createPasskeyChallenge),
  login_with_passkey: mutation(auth.login_with_passkey, loginWithPasskey),
  passkeys: query(auth.passkeys, getPasskeys),
  set_up_passkey: mutation(auth.set_up_passkey, setUpPasskey),
  add_passkey: mutation(auth.add_passkey, addPasskey),
  rename_passkey: mutation(auth.rename_passkey, renamePasskey),
  remove_passkey: mutation(auth.remove_passkey, removePasskey),

  identity_providers: query(auth.identity_providers, getIdentityProviders),
  begin_identity_login: mutation(auth.begin_identity_login, beginIdentityLogin),
  login_with_identity: mutation(auth.login_with_identity, loginWithIdentity),
  identities: query(auth.identities, getIdentities),
  begin_identity_link: mutation(auth.begin_identity_link, beginIdentityLink),
  link_identity: mutation(auth.link_identity, linkIdentity),
  unlink_identity: mutation(auth.unlink_identity, unlinkIdentity),

  remembered_devices: query(auth.remembered_devices, getRememberedDevices),
  forget_device: mutation(auth.forget_device, forgetDevice),

  sessions: query(auth.sessions, getSessions),
  revoke_session: mutation(auth.revoke_session, revokeSession),
  logout_everywhere: mutation(auth.logout_everywhere, logoutEverywhere),

  reauthenticate: mutation(auth.reauthenticate, reauthenticate),
  change_password: mutation(auth.change_password, changePassword),
  request_password_reset: mutation(auth.request_password_reset, requestPasswordReset),
  reset_password: mutation(auth.reset_password, resetPassword),

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
  create_api_key: mutation(auth.create_api_key, createApiKey),
  revoke_api_key: mutation(auth.revoke_api_key, revokeApiKey),
  allow_agent: mutation(auth.allow_agent, allowAgent),
});
