'use strict';

const assert = require('node:assert');

const { client, database, password, ports, refuses, run, stranger, trust, user } = require('./drivers.js');

async function postgres(ssl, who = { user, password }) {
  const { Client } = require('pg');
  const connection = new Client({ host: '127.0.0.1', port: Number(ports.TLSOCK_POSTGRES_PORT), database, ...who, ssl });
  await connection.connect();
  const { rows } = await connection.query("SELECT ssl, repeat('x', 200000) AS long FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
  await connection.end();
  assert.deepStrictEqual([rows[0].ssl, rows[0].long.length], [true, 200000]);
}

async function mysql(ssl, who = { user, password }) {
  const { createConnection } = require('mysql2/promise');
  const connection = await createConnection({ host: '127.0.0.1', port: Number(ports.TLSOCK_MARIADB_PORT), database, ...who, ssl });
  const [rows] = await connection.query("SELECT REPEAT('x', 200000) AS found");
  await connection.end();
  assert.strictEqual(rows[0].found.length, 200000);
}

async function mariadb(ssl) {
  const { createConnection } = require('mariadb');
  const connection = await createConnection({ host: '127.0.0.1', port: Number(ports.TLSOCK_MARIADB_PORT), database, user, password, ssl });
  const rows = await connection.query("SELECT REPEAT('x', 200000) AS found");
  await connection.end();
  assert.strictEqual(rows[0].found.length, 200000);
}

async function ioredis(options) {
  const { Redis } = require('ioredis');
  const redis = new Redis({ host: '127.0.0.1', port: Number(ports.TLSOCK_REDIS_PORT), tls: options, lazyConnect: true, retryStrategy: null });
  const failure = new Promise((_, reject) => redis.on('error', reject));
  await Promise.race([redis.connect(), failure]);
  await redis.set('key', 'x'.repeat(200000));
  assert.strictEqual((await redis.get('key')).length, 200000);
  redis.disconnect();
}

async function redis(options) {
  const { createClient } = require('redis');
  const connection = createClient({ socket: { host: '127.0.0.1', port: Number(ports.TLSOCK_REDIS_PORT), tls: true, reconnectStrategy: false, ...options } });
  connection.on('error', () => {});
  await connection.connect();
  await connection.set('other', 'x'.repeat(200000));
  assert.strictEqual((await connection.get('other')).length, 200000);
  await connection.close();
}

module.exports = async function databases() {
  await run('pg', () => postgres(trust));
  await run('pg with a certificate', () => postgres({ ...trust, ...client }, { user: 'client' }));
  await run('pg refuses', () => refuses(postgres(stranger)));
  await run('mysql2', () => mysql(trust));
  await run('mysql2 with a certificate', () => mysql({ ...trust, ...client }, { user: 'client' }));
  await run('mysql2 refuses', () => refuses(mysql(stranger)));
  await run('mariadb', () => mariadb(trust));
  await run('mariadb refuses', () => refuses(mariadb(stranger)));
  await run('ioredis', () => ioredis(trust));
  await run('ioredis refuses', () => refuses(ioredis(stranger)));
  await run('redis', () => redis(trust));
  await run('redis refuses', () => refuses(redis(stranger)));
};
