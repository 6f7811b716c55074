// Types of buffers in memory.

import { Bytes } from '../index';

/** A buffer in memory between the two sides of a connection. Python: MemoryBIO */
export class MemoryBIO {
  /** How many bytes wait to be read. */
  readonly pending: number;
  /** Whether writeEof was called and all bytes have been read. */
  readonly eof: boolean;
  /** Takes up to `size` bytes out; all of them by default. */
  read(size?: number): Buffer;
  /** Appends bytes, and returns their number. Throws SSLError after writeEof. */
  write(data: Bytes): number;
  /** Marks the end: reading from the empty buffer then throws SSLEOFError instead of SSLWantReadError. Python: write_eof */
  writeEof(): void;
}
