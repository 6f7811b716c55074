'use strict';

// A process that exports keys, writes them to stdout, wipes its own and waits, for ../secret.test.js to look into.

const fs = require('node:fs');

const { objects } = require('./pairs.js');

const byte = Buffer.alloc(1);
const wait = () => fs.readSync(0, byte);

const keys = objects().client.exportKeyingMaterial(8000, 'EXPORTER-test');
fs.writeSync(1, keys);
wait();
keys.fill(0);
fs.writeSync(1, byte);
wait();
