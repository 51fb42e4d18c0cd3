/** What a mail says: plain text, and the same as HTML. */
export interface RenderedEmail {
  /** A single address. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** Where such mails are ended with one request (RFC 8058); undefined for those that cannot be. */
  readonly unsubscribeUrl?: string;
}

/** A mail on its way. */
export interface OutgoingEmail extends RenderedEmail {
  /** The same at each attempt, so that mailboxes can tell a repeated mail. */
  readonly id: string;
  readonly created_at: Date;
}

/** Takes mail away: a mail server, or whatever stands for one. */
export interface Mailer {
  /**
   * Resolves once somebody else is responsible for the mail.
   *
   * @param signal asks to come to an end, because the process stops
   * @throws MailerError
   */
  send(email: OutgoingEmail, signal: AbortSignal): Promise<void>;
}

/** A mail was not taken. The message names neither the recipient nor anything of the content: it goes to the log. */
export class MailerError extends Error {
  override readonly name = "MailerError";
  /** Whether trying again is of no use, because nobody has this address. */
  readonly recipientUnknown: boolean;

  constructor(message: string, options: { readonly recipientUnknown: boolean }) {
    super(message);
    this.recipientUnknown = options.recipientUnknown;
  }
}
