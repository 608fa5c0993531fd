#!/usr/bin/env bash
# A tour of the service: installs and builds what is needed, then records one call in a real server.
# Needs Node.js only.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

die() {
  printf 'demo.sh: %s\n' "$*" >&2
  exit 1
}

usage() {
  cat <<'USAGE'
Usage: ./demo.sh [--keep]

A tour of the service in twelve screens: a call is recorded, retried, followed as it happens, read and redacted; fifty
clients race, and kill -9 strikes. Every response is checked: the exit code is 0 or 1.
In a terminal any key goes on and q leaves; elsewhere it runs through.

  --keep   keep the service running at the end, with the call in it, until Ctrl+C
  --help   show this text

The store: the server of MONGODB_URI, else a MongoDB on localhost:27017, else the embedded one in a temporary directory.
In a MongoDB it uses a database of its own, conversation_demo_…, and drops it at the end.
USAGE
}

for argument in "$@"; do
  case "$argument" in
    --keep) ;;
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
if [ ! -e dist/main.js ] || [ -n "$(find src packages/*/src package.json tsconfig.json rolldown.config.js -newer dist/main.js)" ]; then
  quietly 'Building (npm run build)' npm run build
fi

exec node demo/tour.mjs "$@"
