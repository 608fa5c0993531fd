#!/usr/bin/env bash
# Builds, checks and tests everything, from a fresh clone on. The last line says `N passed, N failed`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

usage() {
  cat <<'END'
Usage: ./run-tests.sh [--quick] [--providers] [--node VERSION]

Builds, checks and tests everything: on the embedded store, and on MongoDB where one can be had (TEST_MONGODB_URI,
a mongod on the PATH, or the one that mongodb-memory-server has or can download). Five to six minutes on two cores, with
the installation.

  --quick         the checks, the unit tests and the tests of the endpoints only: about one minute
  --providers     checks the samples of providers against the types in their packages too: another 290 MB to install
  --node VERSION  by that Node.js (22, 24, 24.21.0), which npx fetches from the npm registry
  --help          this text
END
}

die() {
  printf 'run-tests.sh: %s\n\n0 passed, 1 failed\n' "$*"
  exit 1
}

misused() {
  printf 'run-tests.sh: %s\n\n' "$*" >&2
  usage >&2
  exit 64
}

quick=''
providers=''
version=''
while [ $# -gt 0 ]; do
  case "$1" in
    --quick) quick=$1 ;;
    --providers) providers=clients/typescript/test/providers ;;
    --node)
      version=${2-}
      [[ $version =~ ^[0-9]+(\.[0-9]+){0,2}$ ]] || misused "--node needs a version, like 24"
      shift
      ;;
    -h | --help) usage && exit 0 ;;
    *) misused "there is no argument \"$1\"" ;;
  esac
  shift
done

if [ -n "$version" ]; then
  # An install script of the package fetches the binary of this platform.
  binary=$(npx --yes --ignore-scripts=false --package "node@$version" -- node -p process.execPath) ||
    die "Node.js $version can't be had from the npm registry."
  PATH="$(dirname "$binary"):$PATH"
fi
command -v node >/dev/null || die 'Node.js is needed, version 20.19 or newer: https://nodejs.org'
node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' ||
  die "Node.js 20.19 or newer is needed, this is $(node --version): https://nodejs.org"
command -v npm >/dev/null || die 'npm is needed; it usually comes with Node.js.'

# Where the packages are not what the lock file says.
if [ ! node_modules/.package-lock.json -nt package-lock.json ]; then
  printf '== Installing the dependencies (npm ci)\n'
  npm ci --no-audit --no-fund --loglevel=error || die 'npm ci failed.'
fi

if [ -n "$providers" ] && [ ! "$providers/node_modules/.package-lock.json" -nt "$providers/package-lock.json" ]; then
  printf '== Installing the packages of providers\n'
  npm ci --prefix "$providers" --no-audit --no-fund --loglevel=error || die 'The packages of providers can not be had.'
fi

printf '== Node.js %s\n' "$(node --version)"
exec node test/support/run-all.mjs ${quick:+"$quick"}
