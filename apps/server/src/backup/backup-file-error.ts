/** A backup cannot be written or read. The message says what to do. */
export class BackupFileError extends Error {
  override readonly name = "BackupFileError";
}
