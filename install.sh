#!/bin/sh
# Installs dkp-auth and dkp-auth-token from a release: a folder or an address that holds its archives and SHA256SUMS.
# Nothing is installed whose checksum is not the one of that list.
set -eu

usage() {
  cat <<'TEXT'
Usage: sh install.sh --from FOLDER|URL [--to FOLDER] [--konvoy-async-plugin]

  --from FOLDER|URL        where the archives and SHA256SUMS of a release are
  --to FOLDER              where the programs go; ~/.local/bin otherwise
  --konvoy-async-plugin    also under the name of the platform's plugin, in its place

Compare SHA256SUMS with what the project publishes if you do not trust the place it comes from.
TEXT
}

fail() {
  echo "install.sh: $1" >&2
  exit 1
}

from='' to='' plugin=no
while [ $# -gt 0 ]; do
  case $1 in
    --from | --to)
      if [ $# -lt 2 ] || [ -z "$2" ]; then
        usage >&2
        exit 2
      fi
      if [ "$1" = --from ]; then from=$2; else to=$2; fi
      shift 2
      ;;
    --konvoy-async-plugin) plugin=yes; shift ;;
    --help | -h) usage; exit 0 ;;
    *) echo "install.sh: $1 is not known." >&2; usage >&2; exit 2 ;;
  esac
done
[ -n "$from" ] || { usage >&2; exit 2; }
if [ -z "$to" ]; then
  [ -n "${HOME-}" ] || fail 'HOME is not set; say where with --to FOLDER.'
  to=$HOME/.local/bin
fi

case $(uname -s) in
  Linux) system=linux ;;
  Darwin) system=darwin ;;
  *) fail "there is no archive for $(uname -s); the npm package runs wherever Node.js does." ;;
esac
case $(uname -m) in
  x86_64 | amd64) processor=x64 ;;
  aarch64 | arm64) processor=arm64 ;;
  *) fail "there is no archive for $(uname -m); the npm package runs wherever Node.js does." ;;
esac
archive=dkp-auth-$system-$processor.tar.gz

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Puts a file of the release into the scratch folder.
bring() {
  case $from in
    https://*) curl --fail --silent --show-error --location --proto '=https' --tlsv1.2 --output "$scratch/$1" "${from%/}/$1" ;;
    *://*) fail "only https:// addresses and folders can be installed from." ;;
    *) cp -- "${from%/}/$1" "$scratch/$1" ;;
  esac || fail "$1 is not to be had from $from."
}

sum() {
  if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1
}

bring SHA256SUMS
expected=$(sed -n "s/^\([0-9a-f]\{64\}\)  $archive\$/\1/p" "$scratch/SHA256SUMS")
[ "${#expected}" -eq 64 ] || fail "SHA256SUMS does not have $archive, or more than once."
bring "$archive"
actual=$(sum "$scratch/$archive")
[ "$actual" = "$expected" ] || fail "$archive is not what SHA256SUMS says ($actual, not $expected). Nothing was installed."

mkdir "$scratch/unpacked"
tar -xzf "$scratch/$archive" -C "$scratch/unpacked" dkp-auth dkp-auth-token
mkdir -p -- "$to"
for program in dkp-auth dkp-auth-token; do
  # Beside its place and then renamed: one that runs goes on running, and none is ever half there.
  cp -- "$scratch/unpacked/$program" "$to/.$program.new"
  chmod 755 "$to/.$program.new"
  mv -f -- "$to/.$program.new" "$to/$program"
done
ln -sf dkp-auth "$to/kubectl-dkp_auth"
[ "$plugin" = no ] || ln -sf dkp-auth "$to/konvoy-async-plugin"

echo "Installed $("$to/dkp-auth" --version) in $to."
case :${PATH-}: in
  *":$to:"*) ;;
  *) echo "$to is not on PATH; add it to type dkp-auth anywhere." ;;
esac
