#!/usr/bin/env bash
# A tour of the service: installs and builds what is needed, then plays a recorded call against a real server.
# Needs Node.js only. MONGODB_URI, or a MongoDB on localhost:27017, is used when there is one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

die() {
  printf 'demo.sh: %s\n' "$*" >&2
  exit 1
}

usage() {
  cat <<'USAGE'
Usage: ./demo.sh [--fast] [--keep]

A tour of the service: a recorded call, retries, races, a call followed as it happens, kill -9; every answer is checked.
In a terminal it shows one step per screen; press any key to go on.

  --fast   do not wait for keys
  --keep   keep the service running at the end, until Ctrl+C
  --help   show this text

Uses MONGODB_URI, or a MongoDB on localhost:27017 if there is one; otherwise the embedded store in a temporary directory.
USAGE
}

for argument in "$@"; do
  case "$argument" in
    --fast | --keep) ;;
    --help | -h) usage && exit ;;
    *)
      printf 'demo.sh: there is no argument "%s"\n\n' "$argument" >&2
      usage >&2
      exit 64
      ;;
  esac
done

command -v node >/dev/null || die 'Node.js is needed, version 20.19 or newer: https://nodejs.org'
node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' ||
  die "Node.js 20.19 or newer is needed, this is $(node --version): https://nodejs.org"
command -v npm >/dev/null || die 'npm is needed; it usually comes with Node.js.'

# Runs a command quietly; shows what it said only where it fails.
quietly() {
  local said
  printf '%s … ' "$1"
  if said=$("${@:2}" 2>&1); then
    printf 'done\n'
  else
    printf 'failed\n%s\n' "$said" >&2
    exit 1
  fi
}

# npm writes this file last, so it is older than the lock file where an installation is missing or outdated.
if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  quietly 'Installing the dependencies (npm ci)' npm ci --no-audit --no-fund
fi
if [ ! -e dist/main.js ] || [ -n "$(find src package.json tsconfig.json rolldown.config.js -newer dist/main.js)" ]; then
  quietly 'Building (npm run build)' npm run build
fi

exec node demo/tour.mjs "$@"
