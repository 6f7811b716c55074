'use strict';

// Builds the addon with the C compiler, Node-API's headers from the npm package node-api-headers and the library that
// pkg-config finds. A prebuilt addon for this platform is used as it is. Only those headers are ever downloaded, by npm, where they are
// not installed: npm only links a local folder and does not install its dependencies.
//
//   TLSOCK_STATIC=1   links the library statically; the system's OpenSSL is used, unless the library contains one
//   TLSOCK_CFLAGS     more options for the compiler, such as -fsanitize=address
//   CC                the compiler, cc by default
//   --prebuild        builds statically into prebuilds/, for a package that needs no library where it is installed
//   TLSOCK_TARGET     with --prebuild: for what, such as linux-arm64 or linux-x64-musl, if not for this machine. CC, PKG_CONFIG and
//                     PKG_CONFIG_PATH are then those of that machine

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const platform = require('./lib/platform.js');

const here = __dirname;
const prebuild = process.argv.includes('--prebuild');
const target = (prebuild && process.env.TLSOCK_TARGET) || platform.current();
const prebuilt = path.join(here, 'prebuilds', target, 'tlsock.node');
const built = path.join(here, 'build', 'tlsock.node');
const words = (text) => (text ?? '').split(/\s+/).filter(Boolean);

function pkgConfig(...args) {
  try {
    return words(execFileSync(process.env.PKG_CONFIG || 'pkg-config', args, { encoding: 'utf8' }));
  } catch (error) {
    if (error.code === 'ENOENT') throw new Error('pkg-config is not installed');
    throw new Error(`pkg-config ${args.join(' ')} failed: install tlsock and set PKG_CONFIG_PATH to its lib/pkgconfig`);
  }
}

function libraries(isStatic) {
  // tlsock.pc tells it from where it is itself: lib/pkgconfig/../../lib.
  const [libdir] = pkgConfig('--variable=libdir', 'tlsock');
  const folder = libdir && path.normalize(libdir);
  if (!isStatic) return [...pkgConfig('--libs', 'tlsock'), ...(folder ? [`-Wl,-rpath,${folder}`] : [])];
  // The unwinder: a library that was built for musl has one inside.
  const system = [...(target.endsWith('-musl') ? [] : ['-lgcc_s']), '-lpthread', '-lm', '-ldl', '-lc'];
  const hidden = target.startsWith('linux-') ? ['-Wl,--exclude-libs,ALL', '-Wl,--gc-sections'] : [];
  // A library with an OpenSSL inside needs no other.
  const openssl = pkgConfig('--print-requires-private', 'tlsock').includes('openssl') ? pkgConfig('--libs', 'openssl') : [];
  return [path.join(folder, 'libtlsock.a'), ...hidden, ...openssl, ...system];
}

function headers() {
  const find = () => require('node-api-headers').include_dir;
  try {
    return find();
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error;
  }
  execFileSync('npm', ['install', '--ignore-scripts', '--omit=dev', '--no-audit', '--no-fund'], { cwd: here, stdio: 'inherit', env: alone() });
  return find();
}

// The environment without the variables that npm set for the project it installs.
const alone = () => Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_(config|package|lifecycle)_/i.test(name) || /registry|cache|userconfig/i.test(name)));

function build(output, isStatic) {
  const sources = fs.readdirSync(path.join(here, 'src')).filter((name) => name.endsWith('.c'));
  const include = headers();
  const link = target.startsWith('darwin-') ? ['-undefined', 'dynamic_lookup'] : ['-Wl,-z,relro,-z,now'];
  fs.mkdirSync(path.dirname(output), { recursive: true });
  // Written under another name and then renamed: a process that has loaded the old file is not disturbed.
  const fresh = `${output}.new`;
  execFileSync(process.env.CC || 'cc', [
    '-std=c11', '-O2', '-Wall', '-Wextra', '-fPIC', '-fvisibility=hidden', '-shared',
    ...words(process.env.TLSOCK_CFLAGS), `-I${include}`, ...pkgConfig('--cflags', 'tlsock'),
    ...sources.map((name) => path.join(here, 'src', name)), '-o', fresh, ...link, ...libraries(isStatic),
  ], { stdio: 'inherit' });
  fs.renameSync(fresh, output);
}

try {
  if (prebuild) build(prebuilt, true);
  else if (!fs.existsSync(prebuilt)) build(built, process.env.TLSOCK_STATIC === '1');
} catch (error) {
  console.error(`tlsock: ${error.message}`);
  process.exitCode = 1;
}
