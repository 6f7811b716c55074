'use strict';

// Counts work from the end of a warm-up on, and prints one line of JSON.

const cpuSeconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

function print(library, { work }, unit, value, more) {
  console.log(JSON.stringify({ library, workload: work, unit, value, ...more }));
}

// In milliseconds: asking for the processor time costs some.
const STEP = 2;

/**
 * add(amount) as work gets done; it is true from the moment that the time is up. Warm-up and time are processor time: on
 * a busy machine a second of the clock would sometimes be over before the code is compiled.
 */
class Meter {
  #next = 0;
  #counted = 0;
  #warmAt;
  #start = 0;
  #cpu = 0;
  #library;
  #options;

  constructor(library, options) {
    this.#library = library;
    this.#options = options;
    this.#warmAt = cpuSeconds() + options.warm;
  }

  add(amount) {
    if (this.#start !== 0) this.#counted += amount;
    const now = performance.now();
    if (now < this.#next) return false;
    this.#next = now + STEP;
    const cpu = cpuSeconds();
    if (this.#start !== 0) return cpu - this.#cpu > this.#options.time;
    if (cpu > this.#warmAt) {
      this.#start = now;
      this.#cpu = cpu;
    }
    return false;
  }

  report(unit, scale = 1) {
    const wall = (performance.now() - this.#start) / 1000, cpu = cpuSeconds() - this.#cpu, done = this.#counted / scale;
    print(this.#library, this.#options, unit, done / wall, { per_cpu_s: done / cpu, wall_s: wall, cpu_s: cpu });
  }
}

function fail(error) {
  process.stderr.write(`bench: ${error?.stack ?? error}\n`);
  process.exit(1);
}

module.exports = { Meter, cpuSeconds, fail, print };
