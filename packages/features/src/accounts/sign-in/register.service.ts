import type { RegisterInput } from "@obsqra/contract";
import { defaultPreferences } from "@obsqra/contract";
import { isUniqueViolation } from "@obsqra/db";
import { AppError, defineCommand } from "@obsqra/platform";
import { prepareEvent } from "../audit/audit-event.ts";
import type { AuthDependencies } from "../auth-dependencies.ts";
import { prepareEmailVerification } from "../email-addresses/email-verification.ts";
import { assertGoodPassword } from "../passwords/password-rules.ts";
import { isLive, prepareSession } from "./new-session.ts";
import { insertUserWithSession } from "./sign-in.queries.ts";

/**
 * Creates an account, signs it in and has a link sent that confirms the address.
 *
 * @throws AppError EMAIL_TAKEN, PASSWORD_REJECTED, SERVER_BUSY
 */
export const register = defineCommand({
  stillLetsIn: isLive,
  plan: async (deps: AuthDependencies, input: RegisterInput) => {
    assertGoodPassword(input.password, input);
    const passwordHash = await deps.passwordHasher.hash(input.password);
    const now = deps.clock();
    const user = {
      id: deps.createId(),
      email: input.email,
      email_verified_at: null,
      full_name: input.full_name,
      wallet_address: null,
      preferences: JSON.stringify(defaultPreferences),
      created_at: now,
      updated_at: now,
    };
    const { rows, tokens } = await prepareSession(deps, user.id);
    const event = prepareEvent(deps, { user_id: user.id, type: "registered" });
    const verification = prepareEmailVerification(deps, user);
    return { rows: { ...rows, ...verification, user, passwordHash, event }, tokens };
  },
  write: async (trx, { rows, tokens }, emit) => {
    try {
      await insertUserWithSession(trx, rows);
    } catch (cause) {
      if (isUniqueViolation(cause, "users_email_key"))
        throw new AppError("EMAIL_TAKEN", undefined, { cause });
      throw cause;
    }
    emit({ type: "user.registered", subject: rows.user.id, owner_id: rows.user.id, payload: {} });
    return tokens;
  },
});
