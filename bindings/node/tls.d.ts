// Types of tlsock/tls: those of node:tls, whose exports it has. What it leaves out, and where it is stricter, stands in docs/node-tls.md.

export * from 'node:tls';
import * as tls from 'node:tls';
export default tls;
