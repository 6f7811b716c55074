'use strict';
// The workloads of ../c on Node's tls module. The server runs in a
// worker thread, as the second thread of the other programs does.
const tls = require('tls');
const net = require('net');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { Duplex } = require('stream');
const { Worker, isMainThread, workerData, parentPort } = require('worker_threads');

const HOST = 'bench.example';
const a = { certs: 'certs', ver: '13', key: 'ec', resume: '0', cipher: '', size: '16384', time: '1', warm: '0.15',
  conns: '2000', threads: '1', share: '1', tcp: '0', opt: '' };
const args = isMainThread ? process.argv.slice(2) : workerData.args;
const work = args[0];
for (let i = 1; i < args.length; i += 2) a[args[i].slice(2)] = args[i + 1];
const size = +a.size, T = +a.time * 1000, W = +a.warm * 1000, resume = a.resume === '1';
const now = () => performance.now();
const cpu = () => { const c = process.cpuUsage(); return (c.user + c.system) / 1e6; };
const die = (e) => { process.stderr.write(`bench: ${e && e.stack || e}\n`); process.exit(1); };
const ver = a.ver === '12' ? 'TLSv1.2' : 'TLSv1.3';
const ciphers = { aes128: 'TLS_AES_128_GCM_SHA256:ECDHE+AESGCM+AES128', chacha: 'TLS_CHACHA20_POLY1305_SHA256:ECDHE+CHACHA20',
  aes256: 'TLS_AES_256_GCM_SHA384:ECDHE+AESGCM+AES256' }[a.cipher];
const file = (n) => fs.readFileSync(path.join(a.certs, n));
const base = { minVersion: ver, maxVersion: ver, ...(ciphers && { ciphers }) };
const serverOptions = () => ({ ...base, key: file(a.key + '.key.pem'), cert: file(a.key + '.chain.pem') });
const clientContext = () => tls.createSecureContext({ ...base, ca: file(a.key + '.ca.pem') });

function report(unit, n, wall, c) {
  console.log(JSON.stringify({ library: 'node ' + process.version, workload: work, unit, value: n / wall, per_cpu_s: n / c,
    wall_s: wall, cpu_s: c }));
}

function onServer(s) {
  s.on('error', () => {});
  if (work === 'hs') {
    s.write('x');
  } else if (work === 'bulk') {
    // The server is the receiver and counts.
    let n = 0, t0 = 0, start = 0, c0;
    s.on('data', (b) => {
      if (t0) n += b.length;
      else if (!start) start = now();
      else if (now() - start > W) { t0 = now(); c0 = cpu(); }
    });
    s.on('end', () => { report('MB/s', n / 1e6, (now() - t0) / 1000, cpu() - c0); setTimeout(() => process.exit(0), 50); });
  } else {
    s.setNoDelay && s.setNoDelay(true);
    s.on('data', (b) => s.write(b));
  }
}

function serve(where, ready) {
  const srv = tls.createServer(serverOptions(), onServer);
  srv.on('tlsClientError', () => {});
  srv.listen(where, () => ready(srv.address()));
}

function connect(where, ctx, session) {
  return tls.connect({ ...where, secureContext: ctx, servername: HOST, session });
}

async function hs(where) {
  const ctx = clientContext();
  let session, resumed = 0;
  const one = () => new Promise((ok) => {
    const c = connect(where, ctx, session);
    let next, seen = false;
    const done = () => {
      // TLS 1.3: a session comes by itself, before or after the first data.
      // A resumed connection brings none here, so the session is kept.
      if (!seen || (resume && a.ver === '13' && !next && !session)) return;
      if (resume) session = next || session || c.getSession();
      c.destroy();
      ok();
    };
    if (resume) c.once('session', (s) => { next = s; done(); });
    c.on('error', die);
    c.once('data', () => {
      resumed += c.isSessionReused() ? 1 : 0;
      seen = true;
      done();
    });
  });
  for (const end = now() + W; now() < end;) await one();
  resumed = 0;
  let n = 0;
  const c0 = cpu(), t0 = now();
  while (now() - t0 < T) { await one(); n++; }
  if (resumed !== (resume ? n : 0)) die(`${resumed} of ${n} resumed`);
  report('hs/s', n, (now() - t0) / 1000, cpu() - c0);
  process.exit(0);
}

function bulk(where) {
  const c = connect(where, clientContext());
  const b = Buffer.alloc(size, 'b');
  c.on('error', die);
  c.on('secureConnect', () => {
    const end = now() + T + W;
    const go = () => {
      for (;;) {
        if (now() > end) return c.end();
        if (!c.write(b)) return c.once('drain', go);
      }
    };
    go();
  });
}

function ping(where) {
  const c = connect(where, clientContext());
  const b = Buffer.alloc(size, 'p');
  let got = 0, n = 0, t0 = 0, c0, start;
  c.setNoDelay(true);
  c.on('error', die);
  c.on('secureConnect', () => { start = now(); c.write(b); });
  c.on('data', (d) => {
    got += d.length;
    if (got < size) return;
    got -= size;
    const t = now();
    if (t0) {
      n++;
      if (t - t0 > T) { report('rt/s', n, (t - t0) / 1000, cpu() - c0); process.exit(0); }
    } else if (t - start > W) { t0 = t; c0 = cpu(); }
    c.write(b);
  });
}

class Half extends Duplex {
  _read() { const f = this.cb; this.cb = null; if (f) f(); }
  _write(d, e, f) { if (this.peer.push(d)) f(); else this.peer.cb = f; }
  _final(f) { this.peer.push(null); f(); }
}

function memPair(cctx, sctx) {
  const x = new Half(), y = new Half();
  x.peer = y;
  y.peer = x;
  const s = new tls.TLSSocket(y, { isServer: true, secureContext: sctx });
  const c = tls.connect({ socket: x, secureContext: cctx, servername: HOST });
  s.on('error', () => {});
  c.on('error', die);
  return [c, s];
}

async function memHs() {
  const cctx = clientContext(), sctx = tls.createSecureContext(serverOptions());
  const one = () => new Promise((ok) => {
    const [c, s] = memPair(cctx, sctx);
    s.write('x');
    c.once('data', () => { c.destroy(); s.destroy(); ok(); });
  });
  for (const end = now() + W; now() < end;) await one();
  let n = 0;
  const c0 = cpu(), t0 = now();
  while (now() - t0 < T) { await one(); n++; }
  report('hs/s', n, (now() - t0) / 1000, cpu() - c0);
}

function memBulk() {
  const [c, s] = memPair(clientContext(), tls.createSecureContext(serverOptions()));
  const b = Buffer.alloc(size, 'm');
  let n = 0, t0 = 0, c0, start, stop = false;
  s.on('data', (d) => {
    const t = now();
    if (t0) {
      n += d.length;
      if (!stop && t - t0 > T) { stop = true; report('MB/s', n / 1e6, (t - t0) / 1000, cpu() - c0); process.exit(0); }
    } else if (!start) start = t;
    else if (t - start > W) { t0 = t; c0 = cpu(); }
  });
  c.on('secureConnect', () => {
    const go = () => { let k = 0; while (c.write(b)) if (++k % 64 === 0) return setImmediate(go); c.once('drain', go); };
    go();
  });
}

async function idle(where) {
  const ctx = clientContext(), keep = [];
  const open = async (k) => {
    for (let i = 0; i < k; i++) {
      await new Promise((ok) => {
        const c = connect(where, ctx);
        c.on('error', die);
        c.write(Buffer.alloc(64));
        c.once('data', ok);
        keep.push(c);
      });
    }
    if (global.gc) global.gc();
  };
  await open(50);
  const before = process.memoryUsage.rss(), t0 = now(), c0 = cpu();
  await open(+a.conns);
  console.log(JSON.stringify({ library: 'node ' + process.version, workload: work, unit: 'KiB/conn',
    value: (process.memoryUsage.rss() - before) / 1024 / +a.conns / 2, wall_s: (now() - t0) / 1000, cpu_s: cpu() - c0 }));
  process.exit(0);
}

function ctx() {
  tls.createSecureContext();
  let n = 0;
  const c0 = cpu(), t0 = now();
  while (now() - t0 < T) { tls.createSecureContext(); n++; }
  report('ctx/s', n, (now() - t0) / 1000, cpu() - c0);
}

if (!isMainThread) {
  serve(workerData.where, (addr) => parentPort.postMessage(addr));
} else if (work === 'mem_hs') {
  memHs();
} else if (work === 'mem_bulk') {
  memBulk();
} else if (work === 'ctx') {
  ctx();
} else {
  // Handshakes and idle connections over a Unix socket, as the other programs do.
  const unix = work === 'hs' || work === 'idle';
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'bench-'));
  process.on('exit', () => fs.rmSync(dir, { recursive: true, force: true }));
  const where = unix ? { path: path.join(dir, 's') } : { port: 0, host: '127.0.0.1' };
  const w = new Worker(__filename, { workerData: { args, where } });
  w.on('error', die);
  w.on('exit', () => process.exit(0));
  w.on('message', (addr) => ({ hs, bulk, ping, idle })[work](unix ? where : { port: addr.port, host: '127.0.0.1' }));
}
