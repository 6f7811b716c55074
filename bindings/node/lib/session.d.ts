// Types of sessions.

import { Bytes } from '../index';
import { SSLContext } from './context';

/** A session that a later connection can resume. Connections make them. Python: SSLSession */
export class SSLSession {
  private constructor();
  /** The id, up to 32 bytes; empty if the session has only a ticket. */
  readonly id: Buffer;
  /** When it was made, in seconds since 1970. */
  readonly time: number;
  /** For how many seconds it may be resumed. */
  readonly timeout: number;
  /** The lifetime in seconds that the server gave its ticket; 0 without one. Python: ticket_lifetime_hint */
  readonly ticketLifetimeHint: number;
  /** Whether it has a ticket. Python: has_ticket */
  readonly hasTicket: boolean;
  /** Whether both have the same id. Python: a == b */
  equals(other: SSLSession): boolean;
  /** The session as bytes, to be kept for `fromData`. They are secret. Throws ValueError if it is not known what the handshake verified. */
  toData(): Buffer;
  /** Reads the bytes of toData, for connections of this context. Throws ValueError if they are damaged or the trust settings differ. */
  static fromData(context: SSLContext, data: Bytes): SSLSession;
}
