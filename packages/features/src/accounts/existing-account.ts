import { AppError } from "@obsqra/platform";

/**
 * The account of a user who has got through authorisation, which may have gone since.
 *
 * @throws AppError TOKEN_INVALID when it has
 */
export function existingAccount<TAccount>(account: TAccount | undefined): TAccount {
  if (account === undefined) throw new AppError("TOKEN_INVALID", undefined);
  return account;
}
