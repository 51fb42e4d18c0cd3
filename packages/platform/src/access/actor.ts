/** Who is asking, once that is known. */
export interface Principal {
  readonly user_id: string;
  /** The API key that is used; undefined for a session. */
  readonly api_key_id?: string;
}

/** A user who has signed in, as opposed to an API key of theirs. */
export interface SessionPrincipal extends Principal {
  readonly session_id: string;
}
