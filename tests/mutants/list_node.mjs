// Prints what Stryker would change in files: list_node.mjs FOLDER_OF_NODE_MODULES FILE...
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [tools, ...files] = process.argv.slice(2);
const load = (file) => import(pathToFileURL(path.resolve(tools, 'node_modules', file)));
const { createInstrumenter } = await load('@stryker-mutator/instrumenter/dist/src/index.js');
const { createInjector } = await load('typed-inject/dist/src/index.js');
const { commonTokens } = await load('@stryker-mutator/api/dist/src/plugin/index.js');

const silent = Object.fromEntries(['trace', 'debug', 'info', 'warn', 'error', 'fatal'].map((level) => [level, () => {}]));
const logger = { ...silent, isDebugEnabled: () => false };
const injector = createInjector().provideValue(commonTokens.logger, logger);
// The words of messages are no behaviour: where they are promised, the tests say so.
const options = { plugins: null, excludedMutations: ['StringLiteral'], ignorers: [], noHeader: true };
const sources = files.map((name) => ({ name, mutate: true, content: readFileSync(name, 'utf8') }));
const { mutants } = await createInstrumenter(injector).instrument(sources, options);
const told = ({ fileName, mutatorName, replacement, location }) => ({ file: fileName, mutator: mutatorName, replacement, location });
console.log(JSON.stringify(mutants.filter((mutant) => mutant.status !== 'Ignored').map(told)));
