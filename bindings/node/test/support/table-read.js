'use strict';

// Reads the table of steps and outcomes: tests/README.md has its format.

const fs = require('node:fs');
const path = require('node:path');

const tlsock = require('../../index.js');

const folder = path.join(__dirname, '..', '..', '..', '..', 'tests', 'table');

const cells = (line) => line.split('|').map((cell) => cell.trim());

/** Whether there is what a case needs, which not every library has. */
function isThere(need) {
  const known = { ech: tlsock.HAS_ECH, pha: tlsock.HAS_PHA, psk13: tlsock.HAS_PSK_TLS13, openssl: tlsock.BACKEND === 'openssl' };
  if (!Object.hasOwn(known, need)) throw new Error(`a need that nobody knows: ${need}`);
  return known[need];
}

/** The cases as they stand in a file. */
function outlines(text) {
  const all = [];
  for (const line of text.split('\n').map((each) => each.trim())) {
    const last = all.at(-1);
    if (line === '' || line.startsWith('#')) continue;
    if (line.startsWith('== ')) all.push({ title: line.slice(3), lines: [], columns: null, rows: [], versions: ['1.2', '1.3'], languages: null });
    else if (last === undefined) throw new Error(`a line before any case: ${line}`);
    else if (last.columns) last.rows.push(cells(line));
    else if (line.startsWith('rows ')) last.columns = cells(line.slice(5));
    else if (line.startsWith('versions ')) last.versions = ['any', '1.2', '1.3'].filter((version) => line.includes(version));
    else if (line.startsWith('languages ')) last.languages = line.slice(10).split(' ');
    else if (line.startsWith('needs ')) last.isAbsent ||= !isThere(line.slice(6));
    else last.lines.push(line);
  }
  return all;
}

/** One case for each row and version, with the columns filled in. */
function* casesOf({ title, lines, columns, rows, versions, languages }) {
  for (const row of columns ? rows : [[]]) {
    if (row.length !== (columns ?? []).length) throw new Error(`a row with other columns: ${row}`);
    for (const version of versions) {
      const values = new Map((columns ?? []).map((column, index) => [column, row[index]])).set('version', `TLSv${version}`);
      const fill = (line) => line.replace(/\{([^{}]+)\}/g, (whole, name) => values.get(name) ?? whole);
      const suffix = version === 'any' ? '' : ` [TLSv${version}]`;
      yield { title: fill(title) + suffix, version, languages, lines: lines.map(fill) };
    }
  }
}

function readTable() {
  const files = fs.readdirSync(folder).filter((name) => name.endsWith('.table')).sort();
  return files.flatMap((name) => outlines(fs.readFileSync(path.join(folder, name), 'utf8'))).filter(({ isAbsent }) => !isAbsent).flatMap((each) => [...casesOf(each)]);
}

/** Quotes keep blanks together and are left out; quoted: from its start. */
function splitWords(line) {
  return Array.from(line.matchAll(/(?:"[^"]*"|[^" ])+/g), ([word]) => ({ text: word.replaceAll('"', ''), quoted: word.startsWith('"') }));
}

/** One step: under which name its result is kept, its words, what it has to give, and whether the rest of that is of the language. */
function readSentence(line) {
  let words = splitWords(line), stored = null;
  const arrow = words.findIndex(({ text, quoted }) => (text === '->' || text === '=>') && !quoted);
  const wanted = arrow < 0 ? [] : words.slice(arrow + 1), loose = words[arrow]?.text === '=>';
  if (arrow >= 0) words = words.slice(0, arrow);
  if (words.length > 1 && words[1].text === '=' && !words[1].quoted) [stored, words] = [words[0].text, words.slice(2)];
  return { stored, words, wanted, loose };
}

/** The line of a step for this version, or null. */
function forVersion(line, version) {
  const only = /^(1\.[23]): /.exec(line);
  if (!only) return line;
  return only[1] === version ? line.slice(5) : null;
}

/** The steps that a language lacks, with the reasons. */
function readGaps(language) {
  const gaps = new Map();
  for (const line of fs.readFileSync(path.join(folder, 'gaps.txt'), 'utf8').split('\n')) {
    const [whose, step, ...reason] = line.split(' ');
    if (whose === language) gaps.set(step, reason.join(' '));
  }
  return gaps;
}

module.exports = { folder, forVersion, readGaps, readSentence, readTable };
